/* The dialog: what is wanted, with a preview. */
#ifndef KEN_DIALOG_H
#define KEN_DIALOG_H

#include "make.h"

/* Shows it until the result is made or the user has had enough: false. The name is the picture's, for errors. */
bool ken_dialog_run(ken_scene *scene, ken_params *params, gint32 picture, const char *name, gint32 *image);

#endif
