/* The structure of a JPEG file (ITU T.81, annex B): stb_image trusts Huffman
   tables, fills what is missing with grey, and takes any number of scans. */
#include "picture.h"

#include <string.h>

/* Progressive files have about ten; each costs a walk over all blocks. */
enum { MAX_SCANS = 100 };

typedef struct component {
    int id, h, v, quant;
    uint64_t blocks; /* of a scan with this component alone */
} component;

typedef struct walk {
    const kb3d_blob *blob;
    kb3d_layout *layout;
    kb3d_call *call;
    size_t at;
    component components[4];
    int count; /* of components; 0 before the frame header */
    bool progressive, adobe;
    uint64_t mcus;
    unsigned quant, dc, ac;  /* tables defined so far, a bit each */
    unsigned coded;          /* components that have had their DC scan */
    unsigned interval;       /* MCUs between restarts, 0: none */
    int scans;
} walk;

static kb3d_status damaged(const walk *w, const char *cause) {
    return kb3d_damaged(w->blob, "JPEG", cause, w->call);
}

static kb3d_status read_quant(walk *w, const unsigned char *p, size_t count) {
    while (count) {
        size_t size = p[0] >> 4 ? 129 : 65;
        if (p[0] >> 4 > 1 || (p[0] & 15) > 3 || count < size)
            return damaged(w, "a quantisation table is impossible");
        w->quant |= 1u << (p[0] & 15);
        p += size;
        count -= size;
    }
    return KB3D_OK;
}

/* The sum bounds what stb_image writes, the codes what it reads. */
static kb3d_status read_huffman(walk *w, const unsigned char *p, size_t count) {
    while (count) {
        unsigned symbols = 0, code = 0;
        if (count < 17 || p[0] >> 4 > 1 || (p[0] & 15) > 3)
            return damaged(w, "a Huffman table is impossible");
        for (int length = 1; length <= 16; length++) {
            symbols += p[length];
            code += p[length];
            if (code > 1u << length)
                return damaged(w, "a Huffman table has more codes than fit");
            code <<= 1;
        }
        if (symbols > 256 || count < 17 + symbols)
            return damaged(w, "a Huffman table has too many symbols");
        *(p[0] >> 4 ? &w->ac : &w->dc) |= 1u << (p[0] & 15);
        p += 17 + symbols;
        count -= 17 + symbols;
    }
    return KB3D_OK;
}

static uint64_t ceil_div(uint64_t a, uint64_t b) {
    return (a + b - 1) / b;
}

static kb3d_status read_frame(walk *w, const unsigned char *p, size_t count) {
    int h_max = 1, v_max = 1;
    if (w->count)
        return damaged(w, "it has two frame headers");
    if (count < 6 || count != 6 + 3u * p[5])
        return damaged(w, "the frame header has a wrong length");
    if (p[0] != 8)
        return kb3d_fail(w->call, KB3D_ERROR_UNSUPPORTED, "%s: JPEG with %d bits a sample is not supported, only 8",
                         w->blob->name, p[0]);
    if (p[5] != 1 && p[5] != 3 && p[5] != 4)
        return damaged(w, "the frame header has an impossible number of components");
    unsigned height = kb3d_be16(p + 1), width = kb3d_be16(p + 3);
    kb3d_status status = kb3d_check_size(w->blob, width, height, p[5] == 1 ? 1 : 3, w->layout, w->call);
    if (status)
        return status;
    w->count = p[5];
    for (int i = 0; i < w->count; i++) {
        const unsigned char *c = p + 6 + 3 * i;
        w->components[i] = (component){.id = c[0], .h = c[1] >> 4, .v = c[1] & 15, .quant = c[2]};
        if (c[1] >> 4 < 1 || c[1] >> 4 > 4 || (c[1] & 15) < 1 || (c[1] & 15) > 4 || c[2] > 3)
            return damaged(w, "a component has impossible sampling factors");
        h_max = c[1] >> 4 > h_max ? c[1] >> 4 : h_max;
        v_max = (c[1] & 15) > v_max ? c[1] & 15 : v_max;
    }
    w->mcus = ceil_div(width, 8u * h_max) * ceil_div(height, 8u * v_max);
    for (int i = 0; i < w->count; i++) {
        component *c = &w->components[i];
        c->blocks = ceil_div(ceil_div((uint64_t)width * c->h, h_max), 8) *
                    ceil_div(ceil_div((uint64_t)height * c->v, v_max), 8);
    }
    return KB3D_OK;
}

/* Steps over a scan's entropy-coded data, up to the next marker. */
static kb3d_status skip_entropy(walk *w, uint64_t *restarts) {
    const unsigned char *data = w->blob->data, *end = data + w->blob->count, *p = data + w->at;
    for (*restarts = 0; (p = memchr(p, 0xff, end - p)); p++) {
        const unsigned char *marker = p;
        while (p < end && *p == 0xff)
            p++;
        if (p == end)
            break;
        if (*p >= 0xd0 && *p <= 0xd7)
            ++*restarts;
        else if (*p) {
            w->at = marker - data;
            return KB3D_OK;
        }
    }
    return damaged(w, "it is truncated");
}

static kb3d_status read_scan(walk *w, const unsigned char *p, size_t count) {
    if (!w->count)
        return damaged(w, "a scan comes before the frame header");
    if (count < 1 || p[0] < 1 || p[0] > w->count || count != 4 + 2u * p[0])
        return damaged(w, "a scan header has a wrong length");
    if (++w->scans > MAX_SCANS)
        return kb3d_fail(w->call, KB3D_ERROR_LIMIT, "%s: JPEG with more than %d scans", w->blob->name, MAX_SCANS);
    int n = p[0], start = p[1 + 2 * n], stop = p[2 + 2 * n], high = p[3 + 2 * n] >> 4, low = p[3 + 2 * n] & 15;
    if (w->progressive ? start > stop || stop > 63 || high > 13 || low > 13 || (start ? n > 1 : stop > 0)
                       : start || high || low)
        return damaged(w, "a scan has an impossible spectral range");
    bool needs_dc = !w->progressive || (!start && !high), needs_ac = !w->progressive || start;
    unsigned seen = 0, mcu_blocks = 0;
    uint64_t blocks = 0;
    for (int k = 0; k < n; k++) {
        int i = 0, tables = p[2 + 2 * k];
        while (i < w->count && w->components[i].id != p[1 + 2 * k])
            i++;
        if (i == w->count || seen >> i & 1)
            return damaged(w, "a scan names an impossible component");
        if (tables >> 4 > 3 || (tables & 15) > 3 || (needs_dc && !(w->dc >> (tables >> 4) & 1)) ||
            (needs_ac && !(w->ac >> (tables & 15) & 1)) || !(w->quant >> w->components[i].quant & 1))
            return damaged(w, "a scan uses a table that is not there");
        seen |= 1u << i;
        mcu_blocks += w->components[i].h * w->components[i].v;
        blocks = w->components[i].blocks;
    }
    uint64_t units = n > 1 ? w->mcus : blocks, restarts;
    size_t begin = w->at;
    kb3d_status status = skip_entropy(w, &restarts);
    if (status)
        return status;
    if (n > 1)
        blocks = w->mcus * mcu_blocks;
    /* A block takes a bit for each of its two parts at least; runs of empty AC
       blocks are longer. So a small file cannot claim a large picture. */
    uint64_t least_bits = !w->progressive ? 2 * blocks : start ? 0 : blocks;
    if ((w->at - begin) * (uint64_t)8 < least_bits || (w->interval && restarts < (units - 1) / w->interval))
        return damaged(w, "it is truncated: picture data are missing");
    if (needs_dc)
        w->coded |= seen;
    return KB3D_OK;
}

static kb3d_status read_segment(walk *w, int marker, const unsigned char *p, size_t count) {
    switch (marker) {
    case 0xdb: return read_quant(w, p, count);
    case 0xc4: return read_huffman(w, p, count);
    case 0xc0:
    case 0xc1:
    case 0xc2: w->progressive = marker == 0xc2; return read_frame(w, p, count);
    case 0xda: return read_scan(w, p, count);
    case 0xdd:
        if (count != 2)
            return damaged(w, "the restart interval has a wrong length");
        w->interval = kb3d_be16(p);
        return KB3D_OK;
    case 0xe1:
        if (count > 6 && !memcmp(p, "Exif\0", 6) && !w->layout->exif_count) {
            w->layout->exif_at = p + 6 - w->blob->data;
            w->layout->exif_count = count - 6;
        }
        return KB3D_OK;
    case 0xee: w->adobe |= count >= 12 && !memcmp(p, "Adobe", 6); return KB3D_OK;
    }
    if (marker >= 0xc3 && marker <= 0xcf && marker != 0xc8)
        return kb3d_fail(w->call, KB3D_ERROR_UNSUPPORTED,
                         "%s: lossless, hierarchical and arithmetic JPEG are not supported: save it as a baseline "
                         "or progressive JPEG", w->blob->name);
    return KB3D_OK; /* stb_image refuses what it does not know */
}

kb3d_status kb3d_check_jpeg(const kb3d_blob *blob, kb3d_layout *layout, kb3d_call *call) {
    walk w = {.blob = blob, .layout = layout, .call = call, .at = 2};
    const unsigned char *data = blob->data;
    layout->sample = KB3D_SAMPLE_U8;
    for (;;) {
        while (!w.count && w.at < blob->count && data[w.at] != 0xff)
            w.at++; /* some writers pad */
        if (w.at < blob->count && data[w.at] != 0xff)
            return damaged(&w, "there are bytes between its segments");
        while (w.at < blob->count && data[w.at] == 0xff)
            w.at++;
        if (w.at >= blob->count)
            return damaged(&w, "it is truncated");
        int marker = data[w.at++];
        if (marker == 0xd9)
            break;
        if (blob->count - w.at < 2 || kb3d_be16(data + w.at) > blob->count - w.at)
            return damaged(&w, "it is truncated");
        size_t length = kb3d_be16(data + w.at);
        if (length < 2)
            return damaged(&w, "a segment has a wrong length");
        const unsigned char *segment = data + w.at + 2;
        w.at += length;
        kb3d_status status = read_segment(&w, marker, segment, length - 2);
        if (status)
            return status;
    }
    if (!w.count || w.coded != (1u << w.count) - 1)
        return damaged(&w, "picture data are missing");
    if (w.count == 4 && !w.adobe)
        return kb3d_fail(call, KB3D_ERROR_UNSUPPORTED,
                         "%s: JPEG with four components that does not say which colours they are: save it as RGB",
                         blob->name);
    return KB3D_OK;
}
