/* The only dlopen: modules and libraries that are opened on first use. */
#ifndef KB3D_LIB_PLUGIN_H
#define KB3D_LIB_PLUGIN_H

#include "call.h"

/* Hands over the folders where modules are looked for, in order: those of
   KB3D_PLUGIN_PATH, kb3d/ beside this library, the installed one. */
void kb3d_plugin_folders(void (*visit)(const char *folder, void *user), void *user);

/* The path of a file that lies in one of these folders, such as a program. UNAVAILABLE with the
   places searched. */
kb3d_status kb3d_plugin_find(const char *file, char *path, size_t size, kb3d_call *call);

/* Opens a module and answers one symbol of it. It stays open for the life of the
   process (libtorch does not survive being closed). UNAVAILABLE with the loader's reason. */
kb3d_status kb3d_plugin_open(const char *path, const char *symbol, void **address, kb3d_call *call);

/* Opens a library of custom operators, which registers them with the libtorch that the
   process has: so a torch module must be open. Refused when it belongs to another
   libtorch. MODEL with the reason. */
kb3d_status kb3d_plugin_open_operators(const char *path, kb3d_call *call);

/* Whether the process has a library, by its path or by the name that others need it by. */
bool kb3d_plugin_is_open(const char *library);

/* A symbol of a library that the process has, or NULL. */
void *kb3d_plugin_symbol(const char *library, const char *symbol);

/* The first library of libtorch that a file needs and the process lacks: opening the file
   would bring it in. False when there is none, or the file cannot be read. */
bool kb3d_plugin_needs_torch(const char *path, char *name, size_t name_size);

#endif
