/* The networks of a command: given to the context, and told about. */
#ifndef KB3D_TOOLS_NETWORKS_H
#define KB3D_TOOLS_NETWORKS_H

#include "tool.h"

/* What the user said about networks, for a new context. */
void kb3d_networks_set(kb3d_ctx_params *params, const kb3d_options *options);

/* Gives the context the models of the command line. Reports. */
kb3d_exit kb3d_networks_add(kb3d_tool *tool);

/* Whether there is a network for a role, given or found. */
bool kb3d_networks_have(const kb3d_tool *tool, kb3d_model_role role);

/* With --verbose, a line for each network that made the scene; and one for the network that painted in. */
void kb3d_networks_note_scene(const kb3d_scene *scene);
void kb3d_networks_note_painting(const kb3d_tool *tool);

/* Lines for kb3d info: where models are looked for, and what there is for each role. */
void kb3d_networks_print(kb3d_tool *tool);

#endif
