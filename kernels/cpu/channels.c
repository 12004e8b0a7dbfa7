/* Further channels of a frame: what a layer carries beside its colour. */
#include "level.h"

#include "../math/sample.h"
#include "raster.h"

#include <string.h>

/* The sixteen pixels of a sample, as numbers within the layer's box of channels, and their weights, 0 outside it;
   beside a tear, the edge pixel in place of those of another surface. Where pixels are mixed, so are the picture's
   channels: the closest pixel of the surface alone is all sixteen. */
typedef struct taps {
    size_t pixel[16];
    float weight[16];
} taps;

static const kb3d_layer *find_taps(const kb3d_layer *layers, uint32_t id, int u, int v, int16_t (*cubic)[4],
                                   taps *to) {
    const kb3d_layer *layer = &layers[(id >> KB3D_ID_LAYER_SHIFT) & (KB3D_LAYER_MAX - 1)];
    const kb3d_surface *s = layer->surface;
    const kb3d_patch *p = &s->patches[id & KB3D_ID_PATCH];
    int is_mixed = id >= KB3D_ID_EDGE && (s->before || p->soft >= KB3D_SOFT), own_x = p->x, own_y = p->y;
    if (is_mixed)
        kb3d_find_pure(s->before ? s->before : s->disp, s->soft, s->width, s->height, s->jump, p->disp, &own_x, &own_y);
    for (int i = 0; i < 16; i++) {
        int x = kb3d_clamp_i((u >> 8) - 1 + (i & 3), 0, s->width - 1);
        int y = kb3d_clamp_i((v >> 8) - 1 + (i >> 2), 0, s->height - 1);
        size_t at = (size_t)y * s->width + x;
        float plane = p->disp + p->disp_x * (float)(x - p->x) + p->disp_y * (float)(y - p->y);
        int own = is_mixed || (id >= KB3D_ID_EDGE && ((s->mask && !s->mask[at]) || (s->soft && s->soft[at] >= KB3D_SOFT) ||
                                                      kb3d_is_torn(s->disp[at], plane, s->jump)));
        int column = (own ? own_x : x) - layer->channels_x, row = (own ? own_y : y) - layer->channels_y;
        int is_inside = column >= 0 && column < layer->channels_width && row >= 0 && row < layer->channels_height;
        to->pixel[i] = is_inside ? (size_t)row * layer->channels_width + column : 0;
        to->weight[i] = !is_inside ? 0
                                   : (float)cubic[u & 255][i & 3] * (float)cubic[v & 255][i >> 2] *
                                         (1.0f / ((float)KB3D_WEIGHT_ONE * KB3D_WEIGHT_ONE));
    }
    return layer;
}

/* Mixes a layer's values into a pixel's. */
static void add(const kb3d_layer *layer, const taps *t, float kept, float share, int count, float *to) {
    for (int c = 0; c < count; c++) {
        float sum = 0;
        for (int i = 0; layer->channels && i < 16; i++)
            sum += layer->channels[t->pixel[i] * (size_t)count + (size_t)c] * t->weight[i];
        to[c] = to[c] * kept + sum * share;
    }
}

void kb3d_channels_row(const kb3d_band *band, const kb3d_layer *layers, const kb3d_planes *planes,
                       int16_t (*cubic)[4], int y) {
    ptrdiff_t from = (ptrdiff_t)(y - band->row_begin) * band->stride;
    float *to = planes->channels + (size_t)y * planes->width * planes->channel_count;
    for (int x = 0; x < planes->width; x++, from++, to += planes->channel_count) {
        const kb3d_zbuffer *solid = &band->solid;
        float cover = solid->id[from] == KB3D_ID_NONE ? 0 : 1;
        taps t;
        memset(to, 0, (size_t)planes->channel_count * sizeof *to);
        if (cover > 0)
            add(find_taps(layers, solid->id[from], solid->u[from], solid->v[from], cubic, &t), &t, 0, 1,
                planes->channel_count, to);
        for (int k = KB3D_FRINGES - 1; k >= 0; k--) {
            const kb3d_zbuffer *fringe = &band->fringe[k];
            if (!(band->fringe[0].disp[from] > solid->disp[from] && fringe->disp[from] > solid->disp[from]))
                continue;
            float share = (float)band->fringe_cover[k][from] * (1.0f / 255);
            add(find_taps(layers, fringe->id[from], fringe->u[from], fringe->v[from], cubic, &t), &t, 1 - share, share,
                planes->channel_count, to);
            cover += (1 - cover) * share;
        }
        if (cover > 0 && planes->cover[(size_t)y * planes->width + x] == 255)
            for (int c = 0; c < planes->channel_count; c++)
                to[c] /= cover;
    }
}
