#include "preview.h"

#include <kb3d/render.h>
#include <math.h>

enum { SIDE = 480, TICK_MS = 40 };

static bool make_path(ken_preview *p) {
    kb3d_path_params params;
    if (p->path)
        return true;
    if (!p->scene->scene)
        return false;
    ken_params_fill_path(p->params, p->picture_width, p->picture_height, &params);
    return !kb3d_path_create(p->scene->scene, &params, &p->path, NULL);
}

/* The frame, in the picture's own space, as the screen wants it. */
static cairo_surface_t *convert(const kb3d_image *image, ken_format format) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, image->width, image->height);
    const Babl *fish = babl_fish(ken_format_for_preview(format).meaning, babl_format("cairo-ARGB32"));
    cairo_surface_flush(surface);
    for (int y = 0; y < image->height; y++)
        babl_process(fish, (char *)image->data[0] + (size_t)y * (size_t)image->width * 4,
                     cairo_image_surface_get_data(surface) + y * cairo_image_surface_get_stride(surface),
                     image->width);
    cairo_surface_mark_dirty(surface);
    return surface;
}

/* That of the frames, their long side SIDE. */
static void find_size(const ken_preview *p, int *width, int *height) {
    ken_params_size(p->params, p->picture_width, p->picture_height, width, height);
    double scale = (double)SIDE / MAX(*width, *height);
    *width = (int)fmax(1, round(*width * scale));
    *height = (int)fmax(1, round(*height * scale));
}

static gboolean render(gpointer user) {
    ken_preview *p = user;
    p->idle = 0;
    if (!make_path(p))
        return G_SOURCE_REMOVE;
    int width, height;
    double t;
    kb3d_image image;
    kb3d_frame frame;
    find_size(p, &width, &height);
    if (!ken_pixels_alloc(&image, KB3D_FORMAT_RGBA8, width, height))
        return G_SOURCE_REMOVE;
    KB3D_INIT(frame);
    frame.color = &image;
    if (!kb3d_path_get_time(p->path, gtk_adjustment_get_value(p->time), &t, NULL) &&
        !kb3d_path_render(p->path, t, &frame, NULL)) {
        cairo_surface_destroy(p->surface);
        p->surface = convert(&image, p->scene->inputs.format);
        gtk_widget_set_size_request(p->area, width, height);
        gtk_widget_queue_draw(p->area);
    }
    g_free(image.data[0]);
    return G_SOURCE_REMOVE;
}

/* However much changes until then, it is rendered once: after GTK's events, before its idle work. */
static void schedule(ken_preview *p) {
    if (!p->idle)
        p->idle = g_idle_add_full(GTK_PRIORITY_REDRAW, render, p, NULL);
}

static gboolean draw(GtkWidget *area, GdkEventExpose *event, gpointer user) {
    ken_preview *p = user;
    (void)event;
    if (!p->surface)
        return FALSE;
    cairo_t *cairo = gdk_cairo_create(gtk_widget_get_window(area));
    cairo_set_source_surface(cairo, p->surface, 0, 0);
    cairo_paint(cairo);
    cairo_destroy(cairo);
    return TRUE;
}

static gboolean play(gpointer user) {
    ken_preview *p = user;
    gint64 now = g_get_monotonic_time();
    double step = (double)(now - p->last_tick) / G_USEC_PER_SEC / p->params->duration;
    p->last_tick = now;
    ken_preview_go(p, fmod(gtk_adjustment_get_value(p->time) + step, 1));
    return G_SOURCE_CONTINUE;
}

static void toggle_play(GtkToggleButton *button, gpointer user) {
    ken_preview *p = user;
    if (p->player)
        g_source_remove(p->player);
    p->last_tick = g_get_monotonic_time();
    p->player = gtk_toggle_button_get_active(button) ? g_timeout_add(TICK_MS, play, p) : 0;
}

static void change_time(GtkAdjustment *time, gpointer user) {
    (void)time;
    schedule(user);
}

void ken_preview_init(ken_preview *p, const ken_scene *scene, const ken_params *params, gint32 picture) {
    *p = (ken_preview){.params = params,
                       .scene = scene,
                       .picture_width = gimp_drawable_width(picture),
                       .picture_height = gimp_drawable_height(picture),
                       .box = gtk_vbox_new(FALSE, 6),
                       .area = gtk_drawing_area_new()};
    int width, height;
    find_size(p, &width, &height);
    gtk_widget_set_size_request(p->area, width, height);
    GtkWidget *middle = gtk_alignment_new(0.5, 0.5, 0, 0);
    gtk_widget_set_size_request(middle, SIDE, -1);
    gtk_container_add(GTK_CONTAINER(middle), p->area);
    g_signal_connect(p->area, "expose-event", G_CALLBACK(draw), p);
    gtk_box_pack_start(GTK_BOX(p->box), middle, FALSE, FALSE, 0);

    GtkWidget *row = gtk_hbox_new(FALSE, 6), *button = gtk_toggle_button_new_with_mnemonic("P_lay");
    p->time = GTK_ADJUSTMENT(gtk_adjustment_new(0, 0, 1, 0.01, 0.1, 0));
    GtkWidget *scale = gtk_hscale_new(p->time);
    gtk_scale_set_draw_value(GTK_SCALE(scale), FALSE);
    g_signal_connect(p->time, "value-changed", G_CALLBACK(change_time), p);
    g_signal_connect(button, "toggled", G_CALLBACK(toggle_play), p);
    gtk_box_pack_start(GTK_BOX(row), button, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(row), scale, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(p->box), row, FALSE, FALSE, 0);
    gtk_widget_show_all(p->box);
}

void ken_preview_free(ken_preview *p) {
    if (p->idle)
        g_source_remove(p->idle);
    if (p->player)
        g_source_remove(p->player);
    cairo_surface_destroy(p->surface);
    kb3d_path_destroy(&p->path);
}

void ken_preview_change(ken_preview *p) {
    kb3d_path_destroy(&p->path);
    schedule(p);
}

void ken_preview_go(ken_preview *p, double time) {
    gtk_adjustment_set_value(p->time, time);
}
