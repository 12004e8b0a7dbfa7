#include "layers.h"

#include <math.h>

static gint32 make_image(const ken_export *f, gint32 source, bool is_gray) {
    gint32 image = gimp_image_new_with_precision(f->width, f->height, is_gray ? GIMP_GRAY : GIMP_RGB,
                                                 gimp_image_get_precision(source));
    double x, y;
    gimp_image_undo_disable(image);
    if (gimp_image_get_resolution(source, &x, &y))
        gimp_image_set_resolution(image, x, y);
    GimpColorProfile *profile = gimp_image_get_color_profile(source);
    if (profile) { /* before the layers: their values are meant in it */
        gimp_image_set_color_profile(image, profile);
        g_object_unref(profile);
    }
    return image;
}

/* "Frame 3 (40ms)": rounded so that the whole keeps its length. */
static char *name_frame(const ken_export *f, int i, bool has_alpha) {
    double ms = 1000 / f->params->frame_rate;
    return g_strdup_printf("Frame %d (%dms)%s", i + 1, (int)(round((i + 1) * ms) - round(i * ms)),
                           has_alpha ? " (replace)" : "");
}

gint32 ken_layers_make(ken_export *f, gint32 picture) {
    bool is_gray = gimp_drawable_is_gray(picture), has_alpha = babl_format_has_alpha(f->format.babl);
    GimpImageType type =
        is_gray ? (has_alpha ? GIMP_GRAYA_IMAGE : GIMP_GRAY_IMAGE) : (has_alpha ? GIMP_RGBA_IMAGE : GIMP_RGB_IMAGE);
    gint32 image = make_image(f, gimp_item_get_image(picture), is_gray);
    GPtrArray *frames = f->frames;
    gimp_progress_set_text("Making layers");
    for (guint i = 0; i < frames->len; i++) {
        gimp_progress_update((double)i / frames->len);
        char *name = name_frame(f, (int)i, has_alpha);
        gint32 layer = gimp_layer_new(image, name, f->width, f->height, type, 100,
                                      gimp_image_get_default_new_layer_mode(image));
        g_free(name);
        GeglBuffer *to = gimp_drawable_get_buffer(layer);
        gegl_buffer_copy(frames->pdata[i], NULL, GEGL_ABYSS_NONE, to, NULL);
        g_object_unref(to);               /* sends what is still here */
        g_object_unref(frames->pdata[i]); /* as GIMP's memory fills, ours empties */
        frames->pdata[i] = NULL;
        gimp_image_insert_layer(image, layer, -1, 0);
    }
    g_ptr_array_set_free_func(frames, NULL);
    gimp_image_undo_enable(image);
    return image;
}
