/* Further channels of a frame: what a layer carries beside its colour. */
#include "level.h"

#include "../math/channels.h"
#include "raster.h"

#include <string.h>

/* Mixes the channels of what is seen into a pixel's. */
static void add(const kb3d_layer *layers, uint32_t id, int u, int v, int16_t (*cubic)[4], float kept, float share,
                int count, float *to) {
    const kb3d_layer *layer = &layers[(id >> KB3D_ID_LAYER_SHIFT) & (KB3D_LAYER_MAX - 1)];
    kb3d_channel_taps t;
    kb3d_channels_find(layer, &layer->surface->patches[id & KB3D_ID_PATCH], u, v, (const int16_t(*)[4])cubic, &t);
    kb3d_channels_add(layer, &t, kept, share, count, to);
}

void kb3d_channels_row(const kb3d_band *band, const kb3d_layer *layers, const kb3d_planes *planes,
                       int16_t (*cubic)[4], int y) {
    ptrdiff_t from = (ptrdiff_t)(y - band->row_begin) * band->stride;
    float *to = planes->channels + (size_t)y * planes->width * planes->channel_count;
    for (int x = 0; x < planes->width; x++, from++, to += planes->channel_count) {
        const kb3d_zbuffer *solid = &band->solid;
        float cover = solid->id[from] == KB3D_ID_NONE ? 0 : 1;
        memset(to, 0, (size_t)planes->channel_count * sizeof *to);
        if (cover > 0)
            add(layers, solid->id[from], solid->u[from], solid->v[from], cubic, 0, 1, planes->channel_count, to);
        for (int k = KB3D_FRINGES - 1; k >= 0; k--) {
            const kb3d_zbuffer *fringe = &band->fringe[k];
            if (!(fringe->disp[from] > solid->disp[from]))
                continue;
            float share = (float)band->fringe_cover[k][from] * (1.0f / 255);
            add(layers, fringe->id[from], fringe->u[from], fringe->v[from], cubic, 1 - share, share,
                planes->channel_count, to);
            cover += (1 - cover) * share;
        }
        if (cover > 0 && planes->cover[(size_t)y * planes->width + x] == 255)
            for (int c = 0; c < planes->channel_count; c++)
                to[c] /= cover;
    }
}
