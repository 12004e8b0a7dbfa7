#include "needed.h"

#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef ElfW(Phdr) segment;

/* A file in memory. Nothing in it is believed before it was compared with the size. */
typedef struct elf_file {
    const char *bytes;
    size_t size;
} elf_file;

static bool holds(const elf_file *f, size_t at, size_t count, size_t item_size) {
    return at <= f->size && count <= (f->size - at) / item_size;
}

/* Where the loader would put an address, in the file; past the end for none. */
static size_t offset_of(const elf_file *f, const segment *segments, int count, size_t address) {
    for (int i = 0; i < count; i++)
        if (segments[i].p_type == PT_LOAD && address >= segments[i].p_vaddr &&
            address - segments[i].p_vaddr < segments[i].p_filesz)
            return address - segments[i].p_vaddr + segments[i].p_offset;
    return f->size;
}

static bool search(const elf_file *f, bool (*accept)(const char *, void *), void *user) {
    const ElfW(Ehdr) *head = (const void *)f->bytes;
    const unsigned char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    if (!holds(f, 0, 1, sizeof *head) || memcmp(head->e_ident, ELFMAG, SELFMAG) ||
        head->e_ident[EI_CLASS] != class || head->e_phentsize != sizeof(segment) ||
        head->e_phoff % sizeof(void *) || !holds(f, head->e_phoff, head->e_phnum, sizeof(segment)))
        return false;
    const segment *segments = (const void *)(f->bytes + head->e_phoff), *dynamic = NULL;
    for (int i = 0; i < head->e_phnum; i++)
        if (segments[i].p_type == PT_DYNAMIC)
            dynamic = &segments[i];
    if (!dynamic || dynamic->p_offset % sizeof(void *) || !holds(f, dynamic->p_offset, dynamic->p_filesz, 1))
        return false;
    const ElfW(Dyn) *entries = (const void *)(f->bytes + dynamic->p_offset);
    size_t count = dynamic->p_filesz / sizeof *entries, texts = f->size;
    for (size_t i = 0; i < count; i++)
        if (entries[i].d_tag == DT_STRTAB)
            texts = offset_of(f, segments, head->e_phnum, entries[i].d_un.d_ptr);
    for (size_t i = 0; i < count; i++) {
        size_t at = entries[i].d_un.d_val;
        if (entries[i].d_tag != DT_NEEDED || texts >= f->size || at >= f->size - texts ||
            !memchr(f->bytes + texts + at, 0, f->size - texts - at))
            continue;
        if (accept(f->bytes + texts + at, user))
            return true;
    }
    return false;
}

bool kb3d_needed_find(const char *path, bool (*accept)(const char *name, void *user), void *user) {
    bool found = false;
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    if (!fstat(fd, &about) && S_ISREG(about.st_mode) && about.st_size > 0) {
        elf_file f = {.size = (size_t)about.st_size};
        void *bytes = mmap(NULL, f.size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes != MAP_FAILED) {
            f.bytes = bytes;
            found = search(&f, accept, user);
            munmap(bytes, f.size);
        }
    }
    close(fd);
    return found;
}
