// What is said when libtorch fails: a status and one sentence. No exception leaves the module.
#ifndef KB3D_TORCH_FAILURE_H
#define KB3D_TORCH_FAILURE_H

#include <infer.h>

#include <c10/util/Exception.h>

#include <cstdio>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

// The line that matters of what libtorch throws.
inline std::string sentence(std::string text) {
    static const std::string unknown = "Unknown builtin op: ";
    size_t op = text.find(unknown);
    if (op != std::string::npos) {
        op += unknown.size();
        // the name is followed by a dot that ends the line
        return "the network needs the operator " + text.substr(op, text.find_first_of("\n", op) - op - 1) +
               ", which libtorch does not have";
    }
    // after a TorchScript traceback the last line that names an error, else the first with any text
    if (text.find("Traceback of TorchScript") != std::string::npos) {
        size_t error = text.rfind("Error: ");
        text.erase(text.find_last_not_of(" \n") + 1); // what is raised without a class of its own ends the text
        text.erase(0, text.rfind('\n', error) + 1);
    }
    text.erase(0, text.find_first_not_of(" \n"));
    text = text.substr(0, text.find('\n'));
    if (text.compare(0, 14, "[enforce fail ") == 0 && text.find("] . ") != std::string::npos)
        text.erase(0, text.find("] . ") + 4);
    return text;
}

inline kb3d_status say(char *message, kb3d_status status, const std::string &text) {
    snprintf(message, KB3D_INFER_MESSAGE_SIZE, "%s", text.c_str());
    return status;
}

// What an exception that came through libtorch's interpreter was, only its text tells.
inline kb3d_status say_thrown(char *message, const std::string &text) {
    bool memory =
        text.find("can't allocate memory") != std::string::npos || text.find("std::bad_alloc") != std::string::npos;
    return say(message, memory ? KB3D_ERROR_MEMORY : KB3D_ERROR_MODEL,
               memory ? "out of memory in the network" : sentence(text));
}

template <typename Work> kb3d_status attempt(char *message, Work work) noexcept {
    try {
        work();
        return KB3D_OK;
    } catch (const std::bad_alloc &) {
        return say(message, KB3D_ERROR_MEMORY, "out of memory in the network");
    } catch (const std::system_error &e) { // of std::thread
        return say(message, KB3D_ERROR_MEMORY, std::string("no thread for the network: ") + e.what());
    } catch (const c10::Error &e) {
        return say_thrown(message, e.what_without_backtrace());
    } catch (const std::exception &e) {
        return say_thrown(message, e.what());
    } catch (...) {
        return say(message, KB3D_ERROR_MODEL, "libtorch threw something unknown");
    }
}

#endif
