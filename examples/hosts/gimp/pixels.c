#include "pixels.h"

#include <math.h>

enum { U8, U16, F32 };

static const struct {
    kb3d_format kb3d;
    const char *own_curve, *srgb_curve;
} names[3][2] = {
    {{KB3D_FORMAT_RGB8, "R'G'B' u8", "R~G~B~ u8"}, {KB3D_FORMAT_RGBA8, "R'G'B'A u8", "R~G~B~A u8"}},
    {{KB3D_FORMAT_RGB16, "R'G'B' u16", "R~G~B~ u16"}, {KB3D_FORMAT_RGBA16, "R'G'B'A u16", "R~G~B~A u16"}},
    {{KB3D_FORMAT_RGBF32, "R'G'B' float", "R~G~B~ float"},
     {KB3D_FORMAT_RGBAF32, "R'G'B'A float", "R~G~B~A float"}}};

static ken_format make_format(int sample, bool has_alpha, bool has_own_curve, const Babl *space) {
    const char *own = names[sample][has_alpha].own_curve, *srgb = names[sample][has_alpha].srgb_curve;
    return (ken_format){names[sample][has_alpha].kb3d, has_own_curve, babl_format(own),
                        babl_format_with_space(has_own_curve ? own : srgb, space)};
}

static const Babl *find_space(gint32 image) {
    GimpColorProfile *profile = gimp_image_get_color_profile(image);
    const Babl *space =
        profile ? gimp_color_profile_get_space(profile, GIMP_COLOR_RENDERING_INTENT_RELATIVE_COLORIMETRIC, NULL)
                : NULL;
    if (profile)
        g_object_unref(profile);
    return space; /* NULL, also of a profile that is more than a matrix: sRGB */
}

/* Linear and perceptual values reach a plug-in by the curve of sRGB. */
static bool has_own_curve(GimpPrecision precision) {
    return precision == GIMP_PRECISION_U8_GAMMA || precision == GIMP_PRECISION_U16_GAMMA ||
           precision == GIMP_PRECISION_U32_GAMMA || precision == GIMP_PRECISION_HALF_GAMMA ||
           precision == GIMP_PRECISION_FLOAT_GAMMA || precision == GIMP_PRECISION_DOUBLE_GAMMA;
}

ken_format ken_format_of(gint32 drawable) {
    gint32 image = gimp_item_get_image(drawable);
    GimpPrecision precision = gimp_image_get_precision(image);
    int sample = precision == GIMP_PRECISION_U8_GAMMA ? U8 : precision == GIMP_PRECISION_U16_GAMMA ? U16 : F32;
    return make_format(sample, gimp_drawable_has_alpha(drawable), has_own_curve(precision), find_space(image));
}

ken_format ken_format_in_srgb(ken_format own) {
    bool is_float = own.kb3d == KB3D_FORMAT_RGBF32 || own.kb3d == KB3D_FORMAT_RGBAF32;
    return make_format(is_float ? F32 : U16, babl_format_has_alpha(own.babl), true, NULL);
}

bool ken_format_is_srgb(ken_format format) {
    return babl_format_get_space(format.meaning) == babl_space("sRGB");
}

ken_format ken_format_for_preview(ken_format own) {
    return make_format(U8, true, own.has_own_curve, babl_format_get_space(own.meaning));
}

bool ken_pixels_alloc(kb3d_image *image, kb3d_format format, int width, int height) {
    KB3D_INIT(*image);
    image->format = format;
    image->width = width;
    image->height = height;
    image->data[0] = g_try_malloc_n((gsize)width * (gsize)height, (gsize)kb3d_format_bytes(format));
    return image->data[0] != NULL;
}

static void read_rectangle(gint32 drawable, int x, int y, int width, int height, const Babl *format, void *pixels) {
    GeglBuffer *buffer = gimp_drawable_get_buffer(drawable);
    gegl_buffer_get(buffer, GEGL_RECTANGLE(x, y, width, height), 1, format, pixels, GEGL_AUTO_ROWSTRIDE,
                    GEGL_ABYSS_NONE);
    g_object_unref(buffer);
}

bool ken_pixels_read(kb3d_image *image, gint32 drawable, ken_format own) {
    if (!ken_pixels_alloc(image, own.kb3d, gimp_drawable_width(drawable), gimp_drawable_height(drawable)))
        return false;
    read_rectangle(drawable, 0, 0, image->width, image->height, own.babl, image->data[0]);
    return true;
}

bool ken_pixels_convert(kb3d_image *image, ken_format from, ken_format to) {
    kb3d_image converted;
    if (!ken_pixels_alloc(&converted, to.kb3d, image->width, image->height))
        return false;
    const Babl *fish = babl_fish(from.meaning, to.meaning);
    size_t from_row = (size_t)image->width * (size_t)kb3d_format_bytes(from.kb3d);
    size_t to_row = (size_t)image->width * (size_t)kb3d_format_bytes(to.kb3d);
    for (int y = 0; y < image->height; y++)
        babl_process(fish, (char *)image->data[0] + (size_t)y * from_row,
                     (char *)converted.data[0] + (size_t)y * to_row, image->width);
    g_free(image->data[0]);
    *image = converted;
    return true;
}

/* Where the picture begins in another drawable of its image. */
static void find_offset(gint32 other, gint32 picture, int *x, int *y) {
    int other_x, other_y;
    gimp_drawable_offsets(picture, x, y);
    gimp_drawable_offsets(other, &other_x, &other_y);
    *x -= other_x;
    *y -= other_y;
}

/* A channel's numbers are a coverage and no colour: babl is to leave their encoding alone. */
static const Babl *find_gray(gint32 drawable, const char *linear, const char *encoded) {
    bool is_linear = gimp_item_is_channel(drawable) &&
                     babl_format_get_model(gimp_drawable_get_format(drawable)) == babl_model("Y");
    return babl_format(is_linear ? linear : encoded);
}

/* Samples of the drawable's own type have so many steps from 0 to 1; 0: floats have none. */
static float count_steps(gint32 drawable) {
    const Babl *type = babl_format_get_type(gimp_drawable_get_format(drawable), 0);
    return type == babl_type("u8") ? 255 : type == babl_type("u16") ? 65535 : 0;
}

bool ken_pixels_read_depth(kb3d_image *image, gint32 depth, gint32 picture) {
    int x = 0, y = 0, width = gimp_drawable_width(depth), height = gimp_drawable_height(depth);
    if (gimp_item_get_image(depth) == gimp_item_get_image(picture)) {
        find_offset(depth, picture, &x, &y);
        width = gimp_drawable_width(picture);
        height = gimp_drawable_height(picture);
    }
    size_t count = (size_t)width * (size_t)height;
    float *values = g_try_malloc_n(count, 2 * sizeof *values);
    if (!values)
        return false;
    read_rectangle(depth, x, y, width, height, find_gray(depth, "YA float", "Y'A float"), values);
    KB3D_INIT(*image);
    image->format = KB3D_FORMAT_GRAYF32;
    image->width = width;
    image->height = height;
    image->data[0] = values;
    float steps = count_steps(depth);
    for (size_t i = 0; i < count; i++) {
        float value = values[2 * i];
        values[i] = values[2 * i + 1] < 0.5f ? NAN : steps > 0 ? rintf(value * steps) / steps : value;
    }
    return true;
}

bool ken_pixels_read_selection(kb3d_image *image, gint32 picture) {
    gint32 selection = gimp_image_get_selection(gimp_item_get_image(picture));
    int x, y;
    find_offset(selection, picture, &x, &y);
    if (!ken_pixels_alloc(image, KB3D_FORMAT_GRAY8, gimp_drawable_width(picture), gimp_drawable_height(picture)))
        return false;
    read_rectangle(selection, x, y, image->width, image->height, find_gray(selection, "Y u8", "Y' u8"),
                   image->data[0]);
    return true;
}
