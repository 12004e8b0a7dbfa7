/* Manifests: what is read, what is refused, and the sizes that follow from them. */
#include "../check.h"
#include "model.h"

static kb3d_manifest manifest;
static kb3d_call call;
static char logged[512];

static void keep_line(void *user, kb3d_log_level level, const char *text) {
    snprintf(logged, sizeof logged, "%d %s", (int)level, text);
}

static const kb3d_log log_to_us = {keep_line, NULL, KB3D_LOG_DEBUG};

static kb3d_status parse(const char *json) {
    KB3D_INIT(call);
    logged[0] = 0;
    return kb3d_manifest_parse(&manifest, json, strlen(json), "net.json", &log_to_us, &call);
}

/* A whole manifest around one more member. */
static kb3d_status parse_with(const char *member) {
    char json[2048];
    snprintf(json, sizeof json,
             "{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"n\", \"output\": \"disparity\"%s%s}",
             *member ? ", " : "", member);
    return parse(json);
}

static void test_all_members(void) {
    CHECK_INT(parse("{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"Net\", \"version\": \"2\","
                    "\"licence\": \"MIT\", \"source\": \"ours\", \"entry\": \"infer\","
                    "\"input\": {\"order\": \"bgr\", \"mean\": [0.1, 0.2, 0.3], \"std\": [1, 2, 3],"
                    "\"size\": {\"long_side\": 513, \"multiple\": 16, \"offset\": 1}}, \"output\": \"depth\"}"),
              KB3D_OK);
    CHECK(!logged[0]);
    CHECK(!strcmp(manifest.name, "Net") && !strcmp(manifest.version, "2") && !strcmp(manifest.licence, "MIT"));
    CHECK(!strcmp(manifest.entry, "infer"));
    CHECK_INT(manifest.channel_order_bgr, 1);
    CHECK_NEAR(manifest.mean[2], 0.3, 0);
    CHECK_NEAR(manifest.std[1], 2, 0);
    CHECK_INT(manifest.offset, 1);
    CHECK_INT(manifest.output, KB3D_OUTPUT_DEPTH);
}

/* A manifest of a role with its output and one more member. */
static kb3d_status parse_role(const char *role, const char *output, const char *member) {
    char json[4096];
    snprintf(json, sizeof json, "{\"kb3d_manifest\": 1, \"role\": \"%s\", \"name\": \"n\", \"output\": \"%s\"%s%s}",
             role, output, *member ? ", " : "", member);
    return parse(json);
}

static void test_new_members(void) {
    static const char sum[] = "\"sha256\": \"00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\"";
    CHECK_INT(parse_with(sum), KB3D_OK);
    CHECK_INT(manifest.has_sha256, 1);
    CHECK_INT(manifest.sha256[0], 0);
    CHECK_INT(manifest.sha256[15], 0xff);
    CHECK_INT(manifest.sha256[26], 0xaa);
    CHECK_INT(parse_with("\"output_key\": \"out\", \"operators\": \"ops.so\", \"source\": \"theirs\""), KB3D_OK);
    CHECK(!strcmp(manifest.output_key, "out") && !strcmp(manifest.operators, "ops.so"));
    CHECK(!strcmp(manifest.source, "theirs") && !manifest.has_sha256 && !logged[0]);
    CHECK_INT(parse_with(""), KB3D_OK);
    CHECK(!manifest.output_key[0] && !manifest.operators[0] && !manifest.source[0]);
}

static void test_outputs(void) {
    static const struct {
        const char *role, *output;
        kb3d_model_output means;
    } all[] = {{"depth", "disparity", KB3D_OUTPUT_DISPARITY},
               {"depth", "affine_inverse_depth", KB3D_OUTPUT_AFFINE_INVERSE_DEPTH},
               {"depth", "depth", KB3D_OUTPUT_DEPTH},
               {"depth", "metric_depth", KB3D_OUTPUT_METRIC_DEPTH},
               {"segment", "class_scores", KB3D_OUTPUT_CLASS_SCORES},
               {"segment", "class_ids", KB3D_OUTPUT_CLASS_IDS},
               {"refine", "inverse_depth", KB3D_OUTPUT_INVERSE_DEPTH},
               {"inpaint_depth", "inverse_depth", KB3D_OUTPUT_INVERSE_DEPTH},
               {"inpaint", "color", KB3D_OUTPUT_COLOR},
               {"inpaint", "color_and_inverse_depth", KB3D_OUTPUT_COLOR_AND_INVERSE_DEPTH}};
    for (int i = 0; i < (int)(sizeof all / sizeof *all); i++)
        for (int r = 1; r <= KB3D_ROLE_COUNT; r++) {
            const char *role = kb3d_role_name((kb3d_model_role)r);
            kb3d_status status = parse_role(role, all[i].output, "\"classes\": {\"person\": [15]}");
            int is_known = 0;
            for (int k = 0; k < (int)(sizeof all / sizeof *all); k++)
                is_known |= !strcmp(role, all[k].role) && !strcmp(all[i].output, all[k].output);
            if (!is_known) {
                CHECK_INT(status, KB3D_ERROR_FORMAT);
                CHECK_TEXT(call.message, all[i].output);
            } else if (CHECK_INT(status, KB3D_OK)) {
                CHECK_INT(manifest.role, r);
                CHECK_INT(manifest.output, all[i].means);
            }
        }
}

static void test_usual_kinds(void) {
    static const int long_sides[] = {384, 512, 1024, 512, 512};
    for (int r = 1; r <= KB3D_ROLE_COUNT; r++) {
        kb3d_manifest_init(&manifest, (kb3d_model_role)r);
        CHECK_INT(manifest.role, r);
        CHECK_INT(manifest.long_side, long_sides[r - 1]);
        CHECK_INT(manifest.multiple, 32);
        CHECK(!strcmp(manifest.entry, "forward"));
    }
    CHECK_INT(parse_role("refine", "inverse_depth", ""), KB3D_OK);
    CHECK_INT(manifest.long_side, 1024);
    CHECK_INT(manifest.depth_of_picture_size, 0);
    CHECK_INT(parse_role("refine", "inverse_depth", "\"input\": {\"depth_size\": \"picture\"}"), KB3D_OK);
    CHECK_INT(manifest.depth_of_picture_size, 1);
}

static void test_classes(void) {
    CHECK_INT(parse_role("segment", "class_ids",
                         "\"classes\": {\"person\": [15], \"animal\": [3, 8, 12], \"vehicle\": [], \"sky\": [65535]}"),
              KB3D_OK);
    CHECK(!logged[0]);
    CHECK_INT(manifest.classes[KB3D_CLASS_PERSON].count, 1);
    CHECK_INT(manifest.classes[KB3D_CLASS_ANIMAL].count, 3);
    CHECK_INT(manifest.classes[KB3D_CLASS_ANIMAL].ids[2], 12);
    CHECK_INT(manifest.classes[KB3D_CLASS_VEHICLE].count, 0);
    CHECK_INT(manifest.classes[KB3D_CLASS_SKY].ids[0], 65535);
    CHECK_INT(manifest.classes[KB3D_CLASS_OTHER].count, 0);
    CHECK_INT(parse_role("segment", "class_ids", "\"classes\": {\"person\": [15], \"tree\": [1]}"), KB3D_OK);
    CHECK_TEXT(logged, "tree");
    char member[1024] = "\"classes\": {\"sky\": [";
    for (int i = 0; i < KB3D_CLASS_ID_MAX; i++)
        strcat(member, i ? ",0" : "0");
    size_t used = strlen(member);
    strcpy(member + used, "]}");
    CHECK_INT(parse_role("segment", "class_ids", member), KB3D_OK);
    CHECK_INT(manifest.classes[KB3D_CLASS_SKY].count, KB3D_CLASS_ID_MAX);
    strcpy(member + used, ",0]}");
    CHECK_INT(parse_role("segment", "class_ids", member), KB3D_ERROR_FORMAT);
    static const char *const bad[] = {"", "\"classes\": 3", "\"classes\": {}", "\"classes\": {\"sky\": []}",
                                      "\"classes\": {\"sky\": 3}", "\"classes\": {\"sky\": [-1]}",
                                      "\"classes\": {\"sky\": [65536]}", "\"classes\": {\"sky\": [1.5]}",
                                      "\"classes\": {\"sky\": [\"1\"]}", "\"classes\": {\"other\": [1]}"};
    for (int i = 0; i < (int)(sizeof bad / sizeof *bad); i++) {
        CHECK_INT(parse_role("segment", "class_scores", bad[i]), KB3D_ERROR_FORMAT);
        CHECK_TEXT(call.message, "net.json: ");
    }
}

static void test_defaults(void) {
    CHECK_INT(parse_with(""), KB3D_OK);
    CHECK(!strcmp(manifest.entry, "forward") && !manifest.version[0]);
    CHECK_INT(manifest.long_side, 384);
    CHECK_INT(manifest.multiple, 32);
    CHECK_NEAR(manifest.std[0], 1, 0);
}

static void test_texts(void) {
    CHECK_INT(parse_with("\"licence\": \"a\\nb\""), KB3D_OK);
    CHECK(!strcmp(manifest.licence, "a b"));
    /* 31 bytes fit; the character that would be halved is left out */
    CHECK_INT(parse_with("\"version\": \"012345678901234567890123456789\xc3\xa4\""), KB3D_OK);
    CHECK(!strcmp(manifest.version, "012345678901234567890123456789"));
}

static void test_unknown_keys(void) {
    CHECK_INT(parse_with("\"colour\": 1"), KB3D_OK);
    CHECK_TEXT(logged, "2 net.json");
    CHECK_TEXT(logged, "colour");
    CHECK_INT(parse_with("\"input\": {\"men\": [0, 0, 0]}"), KB3D_OK);
    CHECK_TEXT(logged, "men");
}

static void refused(const char *member, const char *message) {
    CHECK_INT(parse_with(member), KB3D_ERROR_FORMAT);
    CHECK_TEXT(call.message, "net.json: ");
    CHECK_TEXT(call.message, message);
}

static void test_refused(void) {
    refused("\"input\": 3", "\"input\" is not an object");
    refused("\"input\": {\"order\": \"gbr\"}", "order");
    refused("\"input\": {\"order\": 1}", "order");
    refused("\"input\": {\"mean\": [0, 0]}", "mean");
    refused("\"input\": {\"mean\": [0, 0, \"0\"]}", "mean");
    refused("\"input\": {\"std\": [1, 0, 1]}", "std");
    refused("\"input\": {\"std\": [1, 1, 1e999]}", "1e999");
    refused("\"input\": {\"size\": {\"long_side\": 8}}", "16..4096");
    refused("\"input\": {\"size\": {\"long_side\": 5000}}", "16..4096");
    refused("\"input\": {\"size\": {\"long_side\": 384.5}}", "long_side");
    refused("\"input\": {\"size\": {\"multiple\": 0}}", "multiple");
    refused("\"input\": {\"size\": {\"long_side\": 16, \"multiple\": 32}}", "below");
    refused("\"input\": {\"size\": {\"multiple\": 4, \"offset\": 4}}", "offset");
    refused("\"input\": {\"size\": {\"exact\": [224, 224], \"multiple\": 4}}", "both");
    refused("\"input\": {\"size\": {\"exact\": [224]}}", "exact");
    refused("\"input\": {\"size\": {\"exact\": [224, 0]}}", "exact");
    refused("\"entry\": 5", "entry");
    refused("\"name\": \"twice\"", "duplicate");
    refused("\"sha256\": 5", "sha256");
    refused("\"sha256\": \"0123\"", "64");
    refused("\"sha256\": \"00112233445566778899aabbccddeeff00112233445566778899aabbccddeefg\"", "sha256");
    refused("\"operators\": 1", "operators");
    refused("\"operators\": \"../ops.so\"", "operators");
    refused("\"operators\": \"/ops.so\"", "operators");
    refused("\"output_key\": 0", "output_key");
    refused("\"source\": []", "source");
    refused("\"input\": {\"depth_size\": \"half\"}", "depth_size");
    char member[400] = "\"operators\": \"";
    size_t used = strlen(member);
    memset(member + used, 'x', 256);
    strcpy(member + used + 256, "\"");
    refused(member, "longer"); /* a name that is cut is another file's */
}

static void test_not_a_manifest(void) {
    CHECK_INT(parse(""), KB3D_ERROR_FORMAT);
    CHECK_INT(parse("[]"), KB3D_ERROR_FORMAT);
    CHECK_INT(parse("{}"), KB3D_ERROR_FORMAT);
    CHECK_INT(parse("{\"kb3d_manifest\": 2}"), KB3D_ERROR_FORMAT);
    CHECK_INT(parse("{\"kb3d_manifest\": 1, \"role\": \"depth\", \"name\": \"n\"}"), KB3D_ERROR_FORMAT);
    CHECK_INT(parse("{\"kb3d_manifest\": 1, \"role\": \"depth\", \"output\": \"depth\"}"), KB3D_ERROR_FORMAT);
    CHECK_INT(parse("{\"kb3d_manifest\": 1, \"role\": \"smell\", \"name\": \"n\", \"output\": \"depth\"}"),
              KB3D_ERROR_MODEL);
    CHECK_TEXT(call.message, "smell");
    char deep[4096];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    CHECK_INT(parse(deep), KB3D_ERROR_FORMAT);
    CHECK_TEXT(call.message, "nested");
}

static void sizes(int width, int height, int want_width, int want_height) {
    int w, h;
    kb3d_manifest_input_size(&manifest, width, height, &w, &h);
    CHECK_INT(w, want_width);
    CHECK_INT(h, want_height);
}

static void test_input_size(void) {
    CHECK_INT(parse_with(""), KB3D_OK);
    sizes(1024, 768, 384, 288);
    sizes(768, 1024, 288, 384);
    sizes(1920, 1080, 384, 224);
    sizes(1, 1, 384, 384);
    sizes(1, 5000, 32, 384);
    sizes(2000000000, 1, 384, 32);
    CHECK_INT(parse_with("\"input\": {\"size\": {\"long_side\": 513, \"multiple\": 16, \"offset\": 1}}"), KB3D_OK);
    sizes(1024, 768, 513, 385);
    CHECK_INT(parse_with("\"input\": {\"size\": {\"long_side\": 100, \"multiple\": 32}}"), KB3D_OK);
    sizes(1000, 10, 96, 32);
    CHECK_INT(parse_with("\"input\": {\"size\": {\"exact\": [224, 160]}}"), KB3D_OK);
    sizes(10, 1000, 224, 160);
}

static void crops(int width, int height, int want_width, int want_height) {
    int w, h;
    kb3d_manifest_crop_size(&manifest, width, height, &w, &h);
    CHECK_INT(w, want_width);
    CHECK_INT(h, want_height);
}

static void test_crop_size(void) {
    CHECK_INT(parse_with("\"input\": {\"size\": {\"long_side\": 200, \"multiple\": 16}}"), KB3D_OK);
    crops(1, 16, 16, 16);
    crops(17, 192, 32, 192);
    crops(193, 5000, 192, 192);
    CHECK_INT(parse_with("\"input\": {\"size\": {\"long_side\": 200, \"multiple\": 16, \"offset\": 1}}"), KB3D_OK);
    crops(17, 18, 17, 33);
    CHECK_INT(parse_with("\"input\": {\"size\": {\"exact\": [224, 160]}}"), KB3D_OK);
    crops(10, 1000, 224, 160);
}

static void test_context(void) {
    const char *const inpaint = "{\"kb3d_manifest\": 1, \"role\": \"inpaint\", \"name\": \"n\", \"entry\": \"inpaint\","
                                "\"context\": \"look\", \"output\": \"%s\"}";
    char text[256];
    snprintf(text, sizeof text, inpaint, "color_and_inverse_depth");
    CHECK_INT(parse(text), KB3D_OK);
    CHECK(!strcmp(manifest.context, "look") && !strcmp(manifest.entry, "inpaint"));
    snprintf(text, sizeof text, inpaint, "color");
    CHECK_INT(parse(text), KB3D_ERROR_FORMAT);
    CHECK_TEXT(call.message, "context");
    CHECK_INT(parse_with(""), KB3D_OK);
    CHECK(!*manifest.context);
}

int main(void) {
    RUN(test_all_members);
    RUN(test_new_members);
    RUN(test_outputs);
    RUN(test_usual_kinds);
    RUN(test_classes);
    RUN(test_defaults);
    RUN(test_texts);
    RUN(test_unknown_keys);
    RUN(test_refused);
    RUN(test_not_a_manifest);
    RUN(test_input_size);
    RUN(test_crop_size);
    RUN(test_context);
    return check_end();
}
