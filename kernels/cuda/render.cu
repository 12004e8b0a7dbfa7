#include "work.h"

#include "shade.h"

#include "../math/channels.h"

/*
 * Every patch of every layer is laid into two planes of keys, for what covers a pixel whole and for silhouettes, by
 * an atomic maximum: the key holds inverse depth and, of equally near ones, prefers the lower number, so that the
 * order of threads does not matter. Silhouettes are laid once more, into a third plane, for the nearest surface behind
 * the nearest. Then every pixel finds the patches of its keys and is coloured.
 */
namespace {

/* The bands of the CPU: a patch is put before the frame anew in each of them, and so rounded alike. */
enum { BAND_ROWS = 32 };

enum { PATCH_BITS = 27, FRINGES = 2 };

/* Pixels up to which a patch is laid by one thread; above, by a line of them. */
enum { FEW_PIXELS = 32, LINE = 32 };

#define FIXED_OFFSET (64 * 256)

typedef unsigned long long key;

/* The layers as the device reaches them, and what all pixels share. */
struct stage {
    kb3d_layer layers[KB3D_LAYER_MAX];
    kb3d_surface surfaces[KB3D_LAYER_MAX];
    kb3d_texture textures[KB3D_LAYER_MAX], halves[KB3D_LAYER_MAX];
    int16_t cubic[256][4];
};

/* A patch in a band, too large for one thread. */
struct piece {
    uint32_t patch;
    int layer, band;
};

struct pieces {
    piece *list;
    int *count;
    int capacity;
};

/* The frame's keys. */
struct board {
    const stage *on;
    int width, height;
    key *solid, *fringe[FRINGES]; /* 0: nothing */
};

KB3D_DEVICE key key_of(float disp, int layer, uint32_t patch) {
    uint32_t bits, order = (uint32_t)layer << PATCH_BITS | patch;
    memcpy(&bits, &disp, sizeof bits); /* not negative: in the order of its bits */
    return (key)bits << 32 | (0x80000000u - order);
}

/* A patch before one band of the frame; false: it is not seen there. */
KB3D_DEVICE bool put_before(const board &b, const kb3d_layer *l, const kb3d_patch *p, int band, kb3d_warped *w) {
    int first = band * BAND_ROWS, end = kb3d_min_i(first + BAND_ROWS, b.height);
    if (!kb3d_warp_patch(&l->warp, p, b.width, first, end, w))
        return false;
    w->e0 -= l->behind;
    return true;
}

/* Whether pixel (x, y) sees the patch, where on it, and how much of the pixel it covers. */
KB3D_DEVICE bool look(const kb3d_warped *w, const kb3d_patch *p, int x, int y, float *disp, float *u, float *v,
                      int *cover) {
    float fx = (float)(x - w->x0), fy = (float)(y - w->y0);
    KB3D_WARPED_AT(w, fx, fy, *u, *v, *disp);
    if (!(*u >= w->u_min && *u < w->u_max && *v >= w->v_min && *v < w->v_max))
        return false;
    *disp = *disp > 0 ? *disp : 0;
    *cover = p->covers == 255 ? 255 : (int)(kb3d_edge_coverage(p->covers, *u, *v) * 255.0f + 0.5f);
    return *cover >= (p->soft == KB3D_SOFT_END ? 255 : 1);
}

KB3D_DEVICE float disp_of(key value) {
    uint32_t bits = (uint32_t)(value >> 32);
    float disp;
    memcpy(&disp, &bits, sizeof disp);
    return value ? disp : -1;
}

/* Lays a patch's pixels of one band from column `first` on. `fringe`: as in cpu/raster.c. */
KB3D_DEVICE void lay(const board &b, const kb3d_warped *w, const kb3d_patch *p, int layer, uint32_t patch, int fringe,
                     int first, int step) {
    float jump = b.on->surfaces[layer].jump;
    for (int y = w->y0; y < w->y1; y++)
        for (int x = w->x0 + first; x < w->x1; x += step) {
            float disp, u, v;
            int cover;
            if (!look(w, p, x, y, &disp, &u, &v, &cover))
                continue;
            size_t at = (size_t)y * b.width + x;
            bool is_whole = cover >= 255 && p->soft < KB3D_SOFT;
            if (fringe && (is_whole || !(disp < disp_of(b.fringe[0][at]) - jump)))
                continue;
            key *to = (is_whole ? b.solid : b.fringe[fringe]) + at, value = key_of(disp, layer, patch);
            if (value > *to)
                atomicMax(to, value);
        }
}

struct lay_patch {
    board b;
    int layer, fringe;
    pieces large;

    KB3D_DEVICE void operator()(int i, int) const {
        const kb3d_layer *l = &b.on->layers[layer];
        const kb3d_patch p = l->surface->patches[i];
        kb3d_warped w;
        if ((fringe && !kb3d_is_fringe(&p)) || !kb3d_warp_patch(&l->warp, &p, b.width, 0, b.height, &w))
            return;
        int first = kb3d_max_i(w.y0 - 1, 0) / BAND_ROWS, last = kb3d_min_i(w.y1, b.height - 1) / BAND_ROWS;
        for (int band = first; band <= last; band++) {
            if (!put_before(b, l, &p, band, &w))
                continue;
            int at = large.capacity;
            if ((w.x1 - w.x0) * (w.y1 - w.y0) > FEW_PIXELS)
                at = atomicAdd(large.count, 1);
            if (at < large.capacity) {
                piece q = {(uint32_t)i, layer, band};
                large.list[at] = q;
            } else {
                lay(b, &w, &p, layer, (uint32_t)i, fringe, 0, 1);
            }
        }
    }
};

struct lay_piece {
    board b;
    int fringe;
    pieces large;

    KB3D_DEVICE void operator()(int column, int i) const {
        if (i >= *large.count)
            return;
        const piece q = large.list[i];
        const kb3d_layer *l = &b.on->layers[q.layer];
        const kb3d_patch p = l->surface->patches[q.patch];
        kb3d_warped w;
        if (put_before(b, l, &p, q.band, &w))
            lay(b, &w, &p, q.layer, q.patch, fringe, column, LINE);
    }
};

/* What a key says. */
KB3D_DEVICE kb3d_seen see(const board &b, key value, int x, int y) {
    kb3d_seen s = {NULL, NULL, -1, 0, 0, 0};
    if (!value)
        return s;
    uint32_t order = 0x80000000u - (uint32_t)value, bits = (uint32_t)(value >> 32);
    s.layer = &b.on->layers[order >> PATCH_BITS];
    s.patch = &s.layer->surface->patches[order & ((1u << PATCH_BITS) - 1)];
    memcpy(&s.disp, &bits, sizeof s.disp);
    const kb3d_patch p = *s.patch;
    kb3d_warped w;
    float disp, u = 0, v = 0;
    if (put_before(b, s.layer, &p, y / BAND_ROWS, &w))
        (void)look(&w, &p, x, y, &disp, &u, &v, &s.cover);
    s.u = (int)(u * 256.0f + (FIXED_OFFSET + 0.5f)) + ((2 * p.x + p.size - 1) * 128 - FIXED_OFFSET);
    s.v = (int)(v * 256.0f + (FIXED_OFFSET + 0.5f)) + ((2 * p.y + p.size - 1) * 128 - FIXED_OFFSET);
    return s;
}

struct color {
    board b;
    kb3d_planes p;
    unsigned long long *holes;
    uint8_t *shares; /* how much each silhouette hides, for `channels`; NULL: not wanted */

    KB3D_DEVICE void operator()(int x, int y) const {
        size_t at = (size_t)y * p.width + x;
        key solid_key = b.solid[at];
        bool is_hole = !solid_key;
        float rgba[4] = {0, 0, 0, 0}, disp = 0;
        int cover = is_hole ? 0 : 255, painted = 0;
        if (!is_hole) {
            kb3d_seen solid = see(b, solid_key, x, y);
            kb3d_shade(&solid, b.on->cubic, rgba);
            painted = solid.layer->is_painted;
            disp = solid.disp + solid.layer->behind;
        }
        for (int k = FRINGES - 1; k >= 0; k--) {
            key fringe_key = b.fringe[k][at];
            if (!(disp_of(fringe_key) > disp_of(solid_key)))
                continue;
            kb3d_seen fringe = see(b, fringe_key, x, y);
            float over[4];
            kb3d_shade(&fringe, b.on->cubic, over);
            int share = kb3d_hidden_share(fringe.patch, over[3], p.texel, fringe.cover);
            kb3d_blend(p.texel, over, fringe.cover, share, rgba);
            if (shares)
                shares[FRINGES * at + k] = (uint8_t)share;
            cover += ((255 - cover) * share + 127) / 255;
            if (share >= 128)
                painted = fringe.layer->is_painted;
            if (share >= 128 || (is_hole && share > 0))
                disp = fringe.disp + fringe.layer->behind;
        }
        if (cover >= KB3D_NEARLY_COVERED && cover < 255) {
            kb3d_complete(p.texel, cover, rgba);
            cover = 255;
        }
        for (int c = 0; c < 4; c++)
            store_texel(p.color, p.texel, 4 * (ptrdiff_t)at + c, rgba[c]);
        p.disp[at] = disp;
        p.cover[at] = (uint8_t)cover;
        p.painted[at] = (uint8_t)painted;
        if (cover < 255)
            atomicAdd(holes, 1ull);
    }
};

/* Mixes the channels of what is seen into a pixel's. */
KB3D_DEVICE void add_channels(const board &b, const kb3d_seen *seen, float kept, float share, int count, float *to) {
    kb3d_channel_taps t;
    kb3d_channels_find(seen->layer, seen->patch, seen->u, seen->v, b.on->cubic, &t);
    kb3d_channels_add(seen->layer, &t, kept, share, count, to);
}

struct channels {
    board b;
    kb3d_planes p;
    const uint8_t *shares;

    KB3D_DEVICE void operator()(int x, int y) const {
        size_t at = (size_t)y * p.width + x;
        key solid_key = b.solid[at];
        float *to = p.channels + at * p.channel_count, cover = solid_key ? 1 : 0;
        for (int c = 0; c < p.channel_count; c++)
            to[c] = 0;
        if (solid_key) {
            kb3d_seen solid = see(b, solid_key, x, y);
            add_channels(b, &solid, 0, 1, p.channel_count, to);
        }
        for (int k = FRINGES - 1; k >= 0; k--) {
            key fringe_key = b.fringe[k][at];
            if (!(disp_of(fringe_key) > disp_of(solid_key)))
                continue;
            kb3d_seen fringe = see(b, fringe_key, x, y);
            float share = (float)shares[FRINGES * at + k] * (1.0f / 255);
            add_channels(b, &fringe, 1 - share, share, p.channel_count, to);
            cover += (1 - cover) * share;
        }
        if (cover > 0 && p.cover[at] == 255)
            for (int c = 0; c < p.channel_count; c++)
                to[c] /= cover;
    }
};

/* The layers in the device's memory. */
const stage *set(kb3d_work &work, const kb3d_layer *layers, int count, int channel_count) {
    stage *to = work.room<stage>(1), here;
    if (!to)
        return NULL;
    memset(&here, 0, sizeof here);
    for (int i = 0; i < count; i++) {
        kb3d_layer *l = &here.layers[i];
        *l = layers[i];
        here.surfaces[i] = work.read(layers[i].surface, true);
        here.textures[i] = work.read(layers[i].texture);
        if (layers[i].half)
            here.halves[i] = work.read(layers[i].half);
        l->surface = &to->surfaces[i];
        l->texture = &to->textures[i];
        l->half = layers[i].half ? &to->halves[i] : NULL;
        size_t pixels = (size_t)layers[i].channels_width * layers[i].channels_height;
        l->channels = channel_count ? work.read(layers[i].channels, pixels * channel_count) : NULL;
    }
    for (int f = 0; f < 256; f++)
        kb3d_cubic_weights(f, here.cubic[f]);
    work.put(to, &here, sizeof here);
    return to;
}

void lay_all(kb3d_work &work, const board &b, const kb3d_layer *layers, int count) {
    uint32_t most = 0;
    for (int i = 0; i < count; i++)
        most = layers[i].surface->patch_count > most ? layers[i].surface->patch_count : most;
    /* a patch of several pixels a side takes part in two or three bands */
    pieces large = {NULL, work.room<int>(1), kb3d_min_i(1 << 18, 4096 + (int)(most / 4))};
    large.list = work.room<piece>((size_t)large.capacity);
    for (int fringe = 0; fringe < FRINGES; fringe++)
        for (int i = 0; i < count; i++) {
            lay_patch each = {b, i, fringe, large};
            lay_piece rest = {b, fringe, large};
            work.fill(large.count, 0, sizeof *large.count);
            work.run((int)layers[i].surface->patch_count, 1, each);
            work.run(LINE, large.capacity, rest);
        }
}

} // namespace

/* Keys come and go with the call; no host's memory is needed. */
size_t kb3d_cuda_render_scratch(int, int) {
    return 64;
}

int64_t kb3d_cuda_render(const kb3d_parallel *par, const kb3d_layer *layers, int layer_count,
                         const kb3d_planes *planes, void *) {
    kb3d_work work(par);
    size_t pixels = (size_t)planes->width * planes->height;
    kb3d_planes p = *planes;
    p.color = work.write_bytes(planes->color, pixels * 4 * p.texel);
    p.disp = work.write(planes->disp, pixels);
    p.cover = work.write(planes->cover, pixels);
    p.painted = work.write(planes->painted, pixels);
    p.channel_count = planes->channels ? planes->channel_count : 0;
    p.channels = p.channel_count ? work.write(planes->channels, pixels * p.channel_count) : NULL;
    board b = {set(work, layers, layer_count, p.channel_count), p.width, p.height, work.room<key>(pixels),
               {work.room<key>(pixels), work.room<key>(pixels)}};
    work.fill(b.solid, 0, pixels * sizeof *b.solid);
    for (int k = 0; k < FRINGES; k++)
        work.fill(b.fringe[k], 0, pixels * sizeof *b.fringe[k]);
    lay_all(work, b, layers, layer_count);
    unsigned long long *holes = work.room<unsigned long long>(1);
    work.fill(holes, 0, sizeof *holes);
    color each = {b, p, holes, p.channel_count ? work.room<uint8_t>(FRINGES * pixels) : NULL};
    work.run(p.width, p.height, each);
    if (p.channel_count) {
        channels further = {b, p, each.shares};
        work.run(p.width, p.height, further);
    }
    return work.waits() ? (int64_t)work.get(holes) : -1;
}
