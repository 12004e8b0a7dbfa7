#include "pixels.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *babl;
    kb3d_format kb3d;
} names[3][2] = {{{"R'G'B' u8", KB3D_FORMAT_RGB8}, {"R'G'B'A u8", KB3D_FORMAT_RGBA8}},
                 {{"R'G'B' u16", KB3D_FORMAT_RGB16}, {"R'G'B'A u16", KB3D_FORMAT_RGBA16}},
                 {{"R'G'B' float", KB3D_FORMAT_RGBF32}, {"R'G'B'A float", KB3D_FORMAT_RGBAF32}}};

static ken_format make_format(int sample, bool has_alpha, const Babl *space) {
    return (ken_format){babl_format_with_space(names[sample][has_alpha].babl, space), names[sample][has_alpha].kb3d};
}

ken_format ken_format_of(gint32 drawable) {
    GimpPrecision precision = gimp_image_get_precision(gimp_item_get_image(drawable));
    int sample = precision == GIMP_PRECISION_U8_GAMMA ? 0 : precision == GIMP_PRECISION_U16_GAMMA ? 1 : 2;
    return make_format(sample, gimp_drawable_has_alpha(drawable),
                       babl_format_get_space(gimp_drawable_get_format(drawable)));
}

ken_format ken_format_in_srgb(ken_format own) {
    if (ken_format_is_srgb(own))
        return own;
    bool is_float = own.kb3d == KB3D_FORMAT_RGBF32 || own.kb3d == KB3D_FORMAT_RGBAF32;
    return make_format(is_float ? 2 : 1, babl_format_has_alpha(own.babl), babl_space("sRGB"));
}

bool ken_format_is_srgb(ken_format format) {
    return babl_format_get_space(format.babl) == babl_space("sRGB");
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

bool ken_pixels_read(kb3d_image *image, gint32 drawable, ken_format format) {
    if (!ken_pixels_alloc(image, format.kb3d, gimp_drawable_width(drawable), gimp_drawable_height(drawable)))
        return false;
    read_rectangle(drawable, 0, 0, image->width, image->height, format.babl, image->data[0]);
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
    const Babl *own = gimp_drawable_get_format(drawable);
    bool is_linear = gimp_item_is_channel(drawable) &&
                     !strcmp(babl_get_name(babl_format_get_model(own)), babl_get_name(babl_model("Y")));
    return babl_format_with_space(is_linear ? linear : encoded, babl_format_get_space(own));
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
