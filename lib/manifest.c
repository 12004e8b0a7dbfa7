#include "model.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8, SIDE_MIN = 16, SIDE_MAX = 4096 };

/* What a manifest is read with; the status is that of the first fault. */
typedef struct reader {
    const char *file;
    const kb3d_log *log;
    kb3d_call *call;
    kb3d_status status;
} reader;

__attribute__((format(printf, 2, 3))) static void fault(reader *r, const char *format, ...) {
    if (r->status)
        return;
    char text[KB3D_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    r->status = kb3d_fail(r->call, KB3D_ERROR_FORMAT, "%s: %s", r->file, text);
}

/* jansson recurses, and a host's thread may have a small stack. */
static bool is_too_deep(const char *json, size_t byte_count) {
    int depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < byte_count; i++) {
        if (in_text && json[i] == '\\')
            i++;
        else if (json[i] == '"')
            in_text = !in_text;
        else if (!in_text && (json[i] == '{' || json[i] == '[') && ++depth > DEPTH_MAX)
            return true;
        else if (!in_text && (json[i] == '}' || json[i] == ']'))
            depth--;
    }
    return false;
}

/* Warns of what this release does not know: more likely a typing error than the future. */
static void check_keys(reader *r, json_t *object, const char *where, const char *const *known) {
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        const char *const *k = known;
        while (*k && strcmp(*k, key))
            k++;
        if (!*k)
            kb3d_log_line(r->log, KB3D_LOG_WARNING, "%s: ignores the unknown \"%.64s\" %s", r->file, key, where);
    }
}

static json_t *get_object(reader *r, json_t *parent, const char *key) {
    json_t *object = json_object_get(parent, key);
    if (object && !json_is_object(object))
        fault(r, "\"%s\" is not an object", key);
    return json_is_object(object) ? object : NULL;
}

/* Copies a text, cut at a character, control characters blanked. */
static void get_text(reader *r, json_t *parent, const char *key, bool needed, char *to, size_t size) {
    json_t *value = json_object_get(parent, key);
    const char *text = json_string_value(value);
    if (value ? !text || (needed && !*text) : needed)
        fault(r, "\"%s\" is not a text%s", key, needed ? " or missing" : "");
    if (!text)
        return;
    size_t length = strlen(text);
    if (length >= size)
        for (length = size - 1; length && ((unsigned char)text[length] & 0xc0) == 0x80; length--)
            ;
    for (size_t i = 0; i < length; i++)
        to[i] = (unsigned char)text[i] < 32 || text[i] == 127 ? ' ' : text[i];
    to[length] = 0;
}

static int get_choice(reader *r, json_t *parent, const char *key, const char *const *choices, int missing) {
    json_t *value = json_object_get(parent, key);
    if (!value && missing >= 0)
        return missing;
    const char *text = json_string_value(value);
    for (int i = 0; text && choices[i]; i++)
        if (!strcmp(text, choices[i]))
            return i;
    fault(r, "\"%s\" is %s%.64s%s", key, text ? "\"" : "", text ? text : "missing or not a text",
          text ? "\", which is not known" : "");
    return 0;
}

static void check_integer(reader *r, json_t *value, const char *key, int least, int most, int *to) {
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < least || number > most)
        fault(r, "\"%s\" is not a whole number in %d..%d", key, least, most);
    else
        *to = (int)number;
}

static void get_integer(reader *r, json_t *parent, const char *key, int least, int most, int *to) {
    json_t *value = json_object_get(parent, key);
    if (value)
        check_integer(r, value, key, least, most, to);
}

static void get_triple(reader *r, json_t *parent, const char *key, double least, double most, double *to) {
    json_t *value = json_object_get(parent, key);
    if (!value)
        return;
    if (json_array_size(value) != 3)
        fault(r, "\"%s\" is not an array of three numbers", key);
    for (size_t i = 0; !r->status && i < 3; i++) {
        json_t *number = json_array_get(value, i);
        to[i] = json_number_value(number);
        if (!json_is_number(number) || !(to[i] >= least && to[i] <= most))
            fault(r, "\"%s\" has a value that is not a number in %g..%g", key, least, most);
    }
}

static void read_size(reader *r, json_t *size, kb3d_manifest *m) {
    static const char *const known[] = {"long_side", "multiple", "offset", "exact", NULL};
    check_keys(r, size, "in \"size\"", known);
    json_t *exact = json_object_get(size, "exact");
    if (exact) {
        if (json_object_size(size) > 1)
            fault(r, "\"size\" has both \"exact\" and another rule");
        if (json_array_size(exact) != 2)
            fault(r, "\"exact\" is not an array of width and height");
        check_integer(r, json_array_get(exact, 0), "exact", SIDE_MIN, SIDE_MAX, &m->exact_width);
        check_integer(r, json_array_get(exact, 1), "exact", SIDE_MIN, SIDE_MAX, &m->exact_height);
        return;
    }
    get_integer(r, size, "long_side", SIDE_MIN, SIDE_MAX, &m->long_side);
    get_integer(r, size, "multiple", 1, 512, &m->multiple);
    get_integer(r, size, "offset", 0, 511, &m->offset);
    if (m->offset >= m->multiple)
        fault(r, "\"offset\" is not below \"multiple\"");
    if (m->multiple + m->offset > m->long_side)
        fault(r, "\"long_side\" is below \"multiple\" + \"offset\"");
}

static void read_input(reader *r, json_t *input, kb3d_manifest *m) {
    static const char *const known[] = {"order", "mean", "std", "size", "depth_size", NULL};
    static const char *const depth_sizes[] = {"own", "picture", NULL};
    static const char *const orders[] = {"rgb", "bgr", NULL};
    check_keys(r, input, "in \"input\"", known);
    m->channel_order_bgr = get_choice(r, input, "order", orders, 0);
    get_triple(r, input, "mean", -1000, 1000, m->mean);
    get_triple(r, input, "std", 1e-6, 1000, m->std);
    m->depth_of_picture_size = get_choice(r, input, "depth_size", depth_sizes, 0);
    json_t *size = get_object(r, input, "size");
    if (size)
        read_size(r, size, m);
}

static void read_sha256(reader *r, json_t *root, kb3d_manifest *m) {
    json_t *value = json_object_get(root, "sha256");
    const char *text = json_string_value(value);
    if (!value)
        return;
    m->has_sha256 = text && strlen(text) == 64 && strspn(text, "0123456789abcdefABCDEF") == 64;
    if (!m->has_sha256) {
        fault(r, "\"sha256\" is not a text of 64 hexadecimal digits");
        return;
    }
    for (int i = 0; i < 32; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], 0};
        m->sha256[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
}

/* Beside the manifest and nowhere else. */
static void read_operators(reader *r, json_t *root, kb3d_manifest *m) {
    const char *text = json_string_value(json_object_get(root, "operators"));
    if (text && strlen(text) >= sizeof m->operators)
        fault(r, "\"operators\" is longer than %d bytes", (int)sizeof m->operators - 1);
    get_text(r, root, "operators", false, m->operators, sizeof m->operators);
    if (strchr(m->operators, '/'))
        fault(r, "\"operators\" is not a file's name alone");
}

static void read_class(reader *r, json_t *classes, const char *name, kb3d_class_ids *to) {
    json_t *list = json_object_get(classes, name);
    if (!list)
        return;
    if (!json_is_array(list) || json_array_size(list) > KB3D_CLASS_ID_MAX) {
        fault(r, "\"%s\" is not an array of at most %d class numbers", name, KB3D_CLASS_ID_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++)
        check_integer(r, json_array_get(list, i), name, 0, 65535, &to->ids[i]);
    to->count = (int)json_array_size(list);
}

static void read_classes(reader *r, json_t *root, kb3d_manifest *m) {
    static const char *const known[] = {"person", "animal", "vehicle", "sky", NULL};
    json_t *classes = get_object(r, root, "classes");
    int count = 0;
    if (!classes) {
        fault(r, "\"classes\" is missing");
        return;
    }
    check_keys(r, classes, "in \"classes\"", known);
    for (int i = 0; known[i]; i++) {
        read_class(r, classes, known[i], &m->classes[KB3D_CLASS_PERSON + i]);
        count += m->classes[KB3D_CLASS_PERSON + i].count;
    }
    if (!count)
        fault(r, "\"classes\" names no class number");
}

/* Each role's own kinds of output; choices stand in the order of kb3d_model_output. */
static void read_output(reader *r, json_t *root, kb3d_manifest *m) {
    static const char *const depths[] = {"disparity", "affine_inverse_depth", "depth", "metric_depth", NULL};
    static const char *const segments[] = {"class_scores", "class_ids", NULL};
    static const char *const maps[] = {"inverse_depth", NULL};
    static const char *const inpaints[] = {"color", "color_and_inverse_depth", NULL};
    static const struct {
        const char *const *names;
        kb3d_model_output first;
    } of_role[KB3D_ROLE_COUNT] = {{depths, KB3D_OUTPUT_DISPARITY},
                                  {segments, KB3D_OUTPUT_CLASS_SCORES},
                                  {maps, KB3D_OUTPUT_INVERSE_DEPTH},
                                  {inpaints, KB3D_OUTPUT_COLOR},
                                  {maps, KB3D_OUTPUT_INVERSE_DEPTH}};
    int role = m->role - KB3D_MODEL_DEPTH;
    m->output = (kb3d_model_output)((int)of_role[role].first +
                                    get_choice(r, root, "output", of_role[role].names, -1));
    get_text(r, root, "output_key", false, m->output_key, sizeof m->output_key);
    if (m->role == KB3D_MODEL_SEGMENT)
        read_classes(r, root, m);
    if (*m->context && m->output != KB3D_OUTPUT_COLOR_AND_INVERSE_DEPTH)
        fault(r, "\"context\" is for the output \"color_and_inverse_depth\" alone");
}

static void read_role(reader *r, json_t *root, kb3d_manifest *m) {
    char role[32] = "";
    get_text(r, root, "role", true, role, sizeof role);
    for (int i = 1; i <= KB3D_ROLE_COUNT; i++)
        if (!strcmp(role, kb3d_role_name((kb3d_model_role)i))) {
            kb3d_manifest_init(m, (kb3d_model_role)i);
            return;
        }
    if (!r->status)
        r->status = kb3d_fail(r->call, KB3D_ERROR_MODEL, "%s: this release does not know the role \"%s\"", r->file,
                              role);
}

static void read_manifest(reader *r, json_t *root, kb3d_manifest *m) {
    static const char *const known[] = {"kb3d_manifest", "role",    "name",   "version",    "licence", "source",    "entry",
                                        "context",       "input",   "output", "output_key", "classes", "operators", "sha256",
                                        NULL};
    int format = 0;
    if (!json_is_object(root)) {
        fault(r, "is not a JSON object");
        return;
    }
    check_integer(r, json_object_get(root, "kb3d_manifest"), "kb3d_manifest", 1, 1, &format);
    check_keys(r, root, "in the manifest", known);
    read_role(r, root, m);
    get_text(r, root, "name", true, m->name, sizeof m->name);
    get_text(r, root, "version", false, m->version, sizeof m->version);
    get_text(r, root, "licence", false, m->licence, sizeof m->licence);
    get_text(r, root, "source", false, m->source, sizeof m->source);
    get_text(r, root, "entry", false, m->entry, sizeof m->entry);
    get_text(r, root, "context", false, m->context, sizeof m->context);
    read_sha256(r, root, m);
    read_operators(r, root, m);
    read_output(r, root, m);
    json_t *input = get_object(r, root, "input");
    if (input)
        read_input(r, input, m);
}

const char *kb3d_role_name(kb3d_model_role role) {
    static const char *const names[KB3D_ROLE_COUNT] = {"depth", "segment", "refine", "inpaint", "inpaint_depth"};
    return names[role - KB3D_MODEL_DEPTH];
}

/* The usual kind of each role: sizes that the published networks of that kind are used at. */
void kb3d_manifest_init(kb3d_manifest *manifest, kb3d_model_role role) {
    static const int long_sides[KB3D_ROLE_COUNT] = {384, 512, 1024, 512, 512};
    static const kb3d_model_output outputs[KB3D_ROLE_COUNT] = {KB3D_OUTPUT_DISPARITY, KB3D_OUTPUT_CLASS_SCORES,
                                                               KB3D_OUTPUT_INVERSE_DEPTH, KB3D_OUTPUT_COLOR,
                                                               KB3D_OUTPUT_INVERSE_DEPTH};
    int i = role - KB3D_MODEL_DEPTH;
    *manifest = (kb3d_manifest){.role = role, .entry = "forward", .std = {1, 1, 1}, .long_side = long_sides[i],
                                .multiple = 32, .output = outputs[i]};
}

kb3d_status kb3d_manifest_parse(kb3d_manifest *manifest, const char *json, size_t byte_count, const char *file,
                                const kb3d_log *log, kb3d_call *call) {
    reader r = {file, log, call, KB3D_OK};
    kb3d_manifest_init(manifest, KB3D_MODEL_DEPTH);
    if (is_too_deep(json, byte_count))
        return kb3d_fail(call, KB3D_ERROR_FORMAT, "%s: nested deeper than a manifest can be", file);
    json_error_t error;
    json_t *root = json_loadb(json, byte_count, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return kb3d_fail(call, KB3D_ERROR_FORMAT, "%s: line %d: %s", file, error.line, error.text);
    read_manifest(&r, root, manifest);
    json_decref(root);
    return r.status;
}

/* The multiple * k + offset nearest to `side`, k at least 1, at most the long side. */
static int fit_side(const kb3d_manifest *m, double side) {
    int most = (m->long_side - m->offset) / m->multiple;
    int k = (int)floor((side - m->offset) / m->multiple + 0.5);
    k = k < 1 ? 1 : k > most ? most : k;
    return k * m->multiple + m->offset;
}

void kb3d_manifest_input_size(const kb3d_manifest *manifest, int width, int height, int *input_width,
                              int *input_height) {
    if (manifest->exact_width) {
        *input_width = manifest->exact_width;
        *input_height = manifest->exact_height;
        return;
    }
    double scale = (double)manifest->long_side / (width > height ? width : height);
    *input_width = fit_side(manifest, width * scale);
    *input_height = fit_side(manifest, height * scale);
}

/* The least multiple * k + offset that is not below `side`, at most the largest that the network takes. */
static int crop_side(const kb3d_manifest *m, int side) {
    int most = (m->long_side - m->offset) / m->multiple, k = (side - m->offset + m->multiple - 1) / m->multiple;
    return (k < 1 ? 1 : k > most ? most : k) * m->multiple + m->offset;
}

void kb3d_manifest_crop_size(const kb3d_manifest *m, int width, int height, int *crop_width, int *crop_height) {
    *crop_width = m->exact_width ? m->exact_width : crop_side(m, width);
    *crop_height = m->exact_width ? m->exact_height : crop_side(m, height);
}
