"""Files come whole or not at all: from a server here that breaks off, goes on in the middle, or cannot."""

import contextlib
import hashlib
import http.server
import io
import os
import tempfile
import threading
import unittest

from training.download import fetch_all

CONTENT = bytes(range(256)) * 40
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.BaseHTTPRequestHandler):
    """/broken.zip ends early once; /plain.zip knows no ranges."""

    asked = []

    def do_GET(self):
        name, wanted = self.path.strip("/"), self.headers.get("Range")
        self.asked.append((name, wanted))
        if name == "missing.zip":
            self.send_error(404)
            return
        first = int(wanted[len("bytes=") : -1]) if wanted and name != "plain.zip" else 0
        if first >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(CONTENT) - first))
        self.end_headers()
        is_broken = name == "broken.zip" and not first
        self.wfile.write(CONTENT[first:4000] if is_broken else CONTENT[first:])

    def log_message(self, *_):
        pass


class Download(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.folder = tempfile.TemporaryDirectory()
        Server.asked.clear()

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def fetch(self, name, sum_=""):
        path = os.path.join(self.folder.name, "list")
        with open(path, "w", encoding="utf-8") as file:
            file.write("# what to fetch\nhttp://127.0.0.1:%d/%s %s\n" % (self.server.server_port, name, sum_))
        with contextlib.redirect_stdout(io.StringIO()):
            fetch_all(path, self.folder.name)

    def read(self, name):
        with open(os.path.join(self.folder.name, name), "rb") as file:
            return file.read()

    def test_goes_on_where_it_broke_off(self):
        self.fetch("broken.zip", DIGEST)
        self.assertEqual(self.read("broken.zip"), CONTENT)
        self.assertEqual(Server.asked, [("broken.zip", None), ("broken.zip", "bytes=4000-")])

    def test_goes_on_after_a_stop(self):
        for name, asked in (("whole.zip", "bytes=100-"), ("plain.zip", "bytes=100-")):
            with open(os.path.join(self.folder.name, name + ".part"), "wb") as file:
                file.write(CONTENT[:100])
            self.fetch(name, DIGEST)
            self.assertEqual(self.read(name), CONTENT)
            self.assertEqual(Server.asked.pop(), (name, asked))

    def test_what_is_there_is_checked_and_not_fetched_again(self):
        self.fetch("whole.zip")
        Server.asked.clear()
        self.fetch("whole.zip")
        self.assertEqual(Server.asked, [])
        with open(os.path.join(self.folder.name, "whole.zip"), "ab") as file:
            file.write(b"more")
        with self.assertRaisesRegex(OSError, "whole.zip: its sha256 is"):
            self.fetch("whole.zip")

    def test_wrong_content_never_gets_its_name(self):
        with self.assertRaisesRegex(OSError, "its sha256 is %s" % DIGEST):
            self.fetch("whole.zip", "0" * 64)
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "whole.zip")))

    def test_what_is_not_there(self):
        with self.assertRaisesRegex(OSError, "missing.zip: .*404"):
            self.fetch("missing.zip")
        self.assertEqual(len(Server.asked), 1)
        with self.assertRaisesRegex(ValueError, "line 2 is not an address"):
            self.fetch("whole.zip", "more words")


if __name__ == "__main__":
    unittest.main()
