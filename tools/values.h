/* Values of options, from text. Each answers NULL, or why the text is no such value. */
#ifndef KB3D_TOOLS_VALUES_H
#define KB3D_TOOLS_VALUES_H

#include "options.h"

/* Names of roles from KB3D_MODEL_DEPTH on, and of classes from KB3D_CLASS_OTHER on; NULL at their ends. */
extern const char *const kb3d_role_names[], *const kb3d_class_names[];

/* Exactly `count` finite numbers with commas between them. */
const char *kb3d_value_numbers(const char *text, double *values, int count);

/* A whole number in low..high. */
const char *kb3d_value_integer(const char *text, int low, int high, int *value);

/* The position of the text in names, which end with NULL. */
const char *kb3d_value_name(const char *text, const char *const *names, int *value);

const char *kb3d_value_seed(const char *text, uint64_t *value);
const char *kb3d_value_window(const char *text, kb3d_window *window);
const char *kb3d_value_size(const char *text, kb3d_options *options);

/* "25", "29.97" (read as 30000/1001) or "30000/1001". */
const char *kb3d_value_fps(const char *text, int *numerator, int *denominator);
const char *kb3d_value_focus(const char *text, kb3d_path_params *path);

/* ROLE=FILE and KIND=FILE, one more of them. */
const char *kb3d_value_model(const char *text, kb3d_options *options);
const char *kb3d_value_mask(const char *text, kb3d_options *options);

/* Stages with commas between them; kb3d_skip values. */
const char *kb3d_value_skip(const char *text, int *skip);

/* "2G", "1.5G", "512M", "800K" or a number of bytes. */
const char *kb3d_value_bytes(const char *text, uint64_t *bytes);

#endif
