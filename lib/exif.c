/* Two tags of EXIF (a TIFF block): the orientation in its first directory, the
   35 mm equivalent of the focal length in the one that this points to. */
#include "picture.h"

#include <string.h>

typedef struct tiff {
    const unsigned char *data;
    size_t count;
    bool big_endian;
} tiff;

static uint32_t get16(const tiff *t, size_t at) {
    return t->big_endian ? kb3d_be16(t->data + at) : kb3d_le16(t->data + at);
}

static uint32_t get32(const tiff *t, size_t at) {
    return t->big_endian ? kb3d_be32(t->data + at) : kb3d_le32(t->data + at);
}

/* The value of a tag in the directory at `at`; 0 when it is not there. */
static uint32_t find(const tiff *t, uint32_t at, unsigned tag) {
    if (t->count < 2 || at > t->count - 2)
        return 0;
    uint32_t entries = get16(t, at);
    size_t entry = (size_t)at + 2;
    for (; entries && t->count - entry >= 12; entries--, entry += 12) {
        unsigned type = get16(t, entry + 2);
        if (get16(t, entry) == tag && get32(t, entry + 4) == 1 && (type == 3 || type == 4))
            return type == 3 ? get16(t, entry + 8) : get32(t, entry + 8);
    }
    return 0;
}

void kb3d_exif_read(const unsigned char *data, size_t count, int *orientation, double *focal_35mm) {
    *orientation = 1;
    *focal_35mm = 0;
    if (count < 8 || (memcmp(data, "II*\0", 4) && memcmp(data, "MM\0*", 4)))
        return;
    tiff t = {data, count, data[0] == 'M'};
    uint32_t first = get32(&t, 4), exif = find(&t, first, 0x8769), value = find(&t, first, 0x0112);
    if (value >= 1 && value <= 8)
        *orientation = (int)value;
    value = exif ? find(&t, exif, 0xa405) : 0;
    if (value <= 65535)
        *focal_35mm = value;
}
