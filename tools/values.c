#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *kb3d_value_numbers(const char *text, double *values, int count) {
    static const char *const causes[] = {"is no number", "is not two numbers A,B", "is not three numbers A,B,C",
                                         "is not four numbers A,B,C,D"};
    for (int i = 0; i < count; i++) {
        char *end;
        values[i] = strtod(text, &end);
        if (end == text || !isfinite(values[i]) || *end != (i + 1 < count ? ',' : 0))
            return causes[count - 1];
        text = end + 1;
    }
    return NULL;
}

const char *kb3d_value_integer(const char *text, int low, int high, int *value) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (end == text || *end)
        return "is no whole number";
    if (errno || number < low || number > high)
        return "is out of range";
    *value = (int)number;
    return NULL;
}

const char *kb3d_value_name(const char *text, const char *const *names, int *value) {
    for (int i = 0; names[i]; i++)
        if (!strcmp(text, names[i])) {
            *value = i;
            return NULL;
        }
    return "is none of the names it can be";
}

const char *kb3d_value_seed(const char *text, uint64_t *value) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno)
        return "is no whole number from 0 to 18446744073709551615";
    *value = number;
    return NULL;
}

const char *kb3d_value_window(const char *text, kb3d_window *window) {
    double v[4];
    const char *cause = kb3d_value_numbers(text, v, 4);
    if (cause)
        return cause;
    if (v[2] <= 0 || v[3] <= 0)
        return "has a width or height that is not above 0";
    *window = (kb3d_window){v[0], v[1], v[2], v[3]};
    return NULL;
}

const char *kb3d_value_size(const char *text, kb3d_options *options) {
    options->native_size = !strcmp(text, "native");
    if (options->native_size) {
        options->width = options->height = 0;
        return NULL;
    }
    char *end;
    long width = strtol(text, &end, 10);
    if (!isdigit((unsigned char)*text) || (*end != 'x' && *end != 'X') || !isdigit((unsigned char)end[1]))
        return "is no size such as 1280x720";
    long height = strtol(end + 1, &end, 10);
    if (*end)
        return "is no size such as 1280x720";
    if (width < 1 || height < 1 || width > 32768 || height > 32768)
        return "is out of range: 1x1 to 32768x32768";
    options->width = (int)width;
    options->height = (int)height;
    return NULL;
}

const char *kb3d_value_fps(const char *text, int *numerator, int *denominator) {
    static const char range[] = "is no frame rate from 0.01 to 1000";
    char *end;
    double fps = strtod(text, &end);
    if (*end == '/') {
        long above = strtol(text, &end, 10);
        if (*end != '/' || above < 1 || above > 1000000 || !isdigit((unsigned char)end[1]))
            return range;
        long below = strtol(end + 1, &end, 10);
        fps = below > 0 && below <= 1000000 ? (double)above / (double)below : 0;
        *numerator = (int)above;
        *denominator = (int)below;
    } else if (end != text && fps > 0 && fps <= 1000) {
        double broadcast = round(fps * 1.001); /* 23.976, 29.97 and 59.94 stand for 24000/1001 and so on */
        bool is_broadcast = fps != floor(fps) && fabs(broadcast / 1.001 - fps) < 0.005;
        *numerator = (int)(is_broadcast ? broadcast * 1000 : round(fps * 1000));
        *denominator = is_broadcast ? 1001 : 1000;
        if (fps == floor(fps)) {
            *numerator = (int)fps;
            *denominator = 1;
        }
    }
    return end == text || *end || !(fps >= 0.01 && fps <= 1000) ? range : NULL;
}

const char *kb3d_value_focus(const char *text, kb3d_path_params *path) {
    if (strchr(text, ',')) {
        double point[2];
        const char *cause = kb3d_value_numbers(text, point, 2);
        if (cause)
            return cause;
        path->focus = KB3D_FOCUS_POINT;
        path->focus_x = point[0];
        path->focus_y = point[1];
        return NULL;
    }
    const char *cause = kb3d_value_numbers(text, &path->focus_z, 1);
    if (cause)
        return "is neither a depth Z nor a point X,Y";
    path->focus = KB3D_FOCUS_DEPTH;
    return path->focus_z > 0 ? NULL : "is no depth above 0";
}

const char *const kb3d_role_names[] = {"depth", "segment", "refine", "inpaint", "inpaint_depth", NULL};
const char *const kb3d_class_names[] = {"other", "person", "animal", "vehicle", "sky", NULL};

/* The position in `names` of the text before the equals sign, or -1; *file: what stands behind it. */
static int split(const char *text, const char *const *names, const char **file) {
    size_t length = strcspn(text, "=");
    *file = text[length] && text[length + 1] ? text + length + 1 : NULL;
    for (int i = 0; names[i]; i++)
        if (strlen(names[i]) == length && !memcmp(names[i], text, length))
            return i;
    return -1;
}

const char *kb3d_value_model(const char *text, kb3d_options *options) {
    const char *file;
    int role = split(text, kb3d_role_names, &file);
    if (!file)
        return "is not ROLE=FILE";
    if (role < 0)
        return "has a role that is not known; depth, segment, refine, inpaint and inpaint_depth are";
    if (options->model_count == KB3D_MODEL_MAX)
        return "is one model too many";
    options->models[options->model_count++] = (kb3d_model_option){(kb3d_model_role)(role + KB3D_MODEL_DEPTH), file};
    return NULL;
}

const char *kb3d_value_mask(const char *text, kb3d_options *options) {
    const char *file;
    int kind = split(text, kb3d_class_names, &file);
    if (!file)
        return "is not KIND=FILE";
    if (kind < 0)
        return "has a kind that is not known; other, person, animal, vehicle and sky are";
    if (options->mask_count == KB3D_MASK_MAX)
        return "is one mask too many";
    options->masks[options->mask_count++] = (kb3d_mask_option){(kb3d_class)kind, file};
    return NULL;
}

const char *kb3d_value_skip(const char *text, int *skip) {
    static const struct {
        const char *name;
        kb3d_skip stage;
    } stages[] = {{"adjust", KB3D_SKIP_ADJUST}, {"refine", KB3D_SKIP_REFINE}};
    for (;; text++) {
        size_t length = strcspn(text, ","), i = 0;
        while (i < 2 && (strlen(stages[i].name) != length || memcmp(stages[i].name, text, length)))
            i++;
        if (i == 2)
            return "is not adjust, refine, or both with a comma between them";
        *skip |= stages[i].stage;
        text += length;
        if (!*text)
            return NULL;
    }
}

const char *kb3d_value_bytes(const char *text, uint64_t *bytes) {
    static const char units[] = "KMGT", cause[] = "is no size such as 512M or 2G";
    char *end;
    double number = strtod(text, &end);
    if (!isdigit((unsigned char)*text) || !isfinite(number))
        return cause;
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (*end && (!unit || end[1]))
        return cause;
    number = ldexp(number, unit ? 10 * (int)(unit - units + 1) : 0);
    if (!(number >= 1 && number <= ldexp(1, 60)))
        return "is out of range";
    *bytes = (uint64_t)number;
    return NULL;
}
