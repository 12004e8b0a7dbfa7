#include "target.h"

#include <math.h>

enum { SIDE = 180 };

/* The window that is flown to, or a cross at the point that is held. */
static void draw_mark(const ken_target *t, cairo_t *cairo) {
    kb3d_window w = ken_params_window(t->params, t->picture_width, t->picture_height);
    double x = w.center_x * t->scale, y = w.center_y * t->scale;
    if (t->params->motion == KEN_MOTION_WINDOW) {
        cairo_rectangle(cairo, x - w.width * t->scale / 2, y - w.height * t->scale / 2, w.width * t->scale,
                        w.height * t->scale);
    } else if (t->params->motion == KEN_MOTION_DOLLY && t->params->x >= 0) {
        x = t->params->x * t->scale;
        y = t->params->y * t->scale;
        cairo_move_to(cairo, x - 8, y);
        cairo_line_to(cairo, x + 8, y);
        cairo_move_to(cairo, x, y - 8);
        cairo_line_to(cairo, x, y + 8);
    }
    cairo_set_source_rgb(cairo, 0, 0, 0);
    cairo_set_line_width(cairo, 4);
    cairo_stroke_preserve(cairo);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_set_line_width(cairo, 2);
    cairo_stroke(cairo);
}

static gboolean draw(GtkWidget *area, GdkEventExpose *event, gpointer user) {
    ken_target *t = user;
    (void)event;
    cairo_t *cairo = gdk_cairo_create(gtk_widget_get_window(area));
    if (t->thumbnail) {
        gdk_cairo_set_source_pixbuf(cairo, t->thumbnail, 0, 0);
        cairo_paint(cairo);
    }
    draw_mark(t, cairo);
    cairo_destroy(cairo);
    return TRUE;
}

bool ken_target_is_used(const ken_target *t) {
    return t->params->motion == KEN_MOTION_WINDOW || t->params->motion == KEN_MOTION_DOLLY;
}

static void move(ken_target *t, double x, double y) {
    if (!ken_target_is_used(t))
        return;
    t->params->x = CLAMP(x / t->scale, 0, t->picture_width - 1);
    t->params->y = CLAMP(y / t->scale, 0, t->picture_height - 1);
    gtk_widget_queue_draw(t->area);
    t->changed(t->user);
}

static gboolean press(GtkWidget *area, GdkEventButton *event, gpointer user) {
    (void)area;
    move(user, event->x, event->y);
    return TRUE;
}

static gboolean drag(GtkWidget *area, GdkEventMotion *event, gpointer user) {
    (void)area;
    move(user, event->x, event->y);
    return TRUE;
}

void ken_target_init(ken_target *t, ken_params *params, gint32 picture, void (*changed)(void *user), void *user) {
    *t = (ken_target){.params = params,
                      .picture_width = gimp_drawable_width(picture),
                      .picture_height = gimp_drawable_height(picture),
                      .changed = changed,
                      .user = user,
                      .area = gtk_drawing_area_new()};
    t->scale = (double)SIDE / MAX(t->picture_width, t->picture_height);
    int width = (int)fmax(1, round(t->picture_width * t->scale));
    int height = (int)fmax(1, round(t->picture_height * t->scale));
    t->thumbnail = gimp_drawable_get_thumbnail(picture, width, height, GIMP_PIXBUF_SMALL_CHECKS);
    gtk_widget_set_size_request(t->area, width, height);
    gtk_widget_add_events(t->area, GDK_BUTTON_PRESS_MASK | GDK_BUTTON1_MOTION_MASK);
    g_signal_connect(t->area, "expose-event", G_CALLBACK(draw), t);
    g_signal_connect(t->area, "button-press-event", G_CALLBACK(press), t);
    g_signal_connect(t->area, "motion-notify-event", G_CALLBACK(drag), t);
    gtk_widget_set_tooltip_text(t->area,
                                "Drag to where the flight goes, or to the thing that the dolly zoom holds");
}

void ken_target_free(ken_target *t) {
    if (t->thumbnail)
        g_object_unref(t->thumbnail);
}
