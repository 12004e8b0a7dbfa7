/* Other ways to fill the same holes. */
#include "quality.h"

#include <unistd.h>

/* Pixels from (x, y) to the first that is no hole, or 0 when there is none. */
static int look(const pair *p, const view *v, int x, int y, double dx, double dy, int *at) {
    for (int k = 1;; k++) {
        int qx = (int)floor(x + k * dx + 0.5), qy = (int)floor(y + k * dy + 0.5);
        if (qx < 0 || qy < 0 || qx >= p->width || qy >= p->height)
            return 0;
        if (!v->painted[*at = qy * p->width + qx])
            return k;
    }
}

void fill_sixteen(const pair *p, view *v) {
    static const int ways[16][2] = {{-1, 1}, {0, 1},  {1, 1}, {1, 0}, {-1, 2}, {1, 2}, {2, 1},  {2, -1},
                                    {-2, 3}, {-1, 3}, {1, 3}, {2, 3}, {3, 2},  {3, 1}, {3, -1}, {3, -2}};
    for (int i = 0; i < p->width * p->height; i++) {
        int shortest = 0, x = i % p->width, y = i / p->width, ends[2];
        for (int k = 0; k < 16 && v->painted[i]; k++) {
            double norm = hypot(ways[k][0], ways[k][1]), dx = ways[k][0] / norm, dy = ways[k][1] / norm;
            int a = look(p, v, x, y, dx, dy, &ends[0]), b = look(p, v, x, y, -dx, -dy, &ends[1]);
            if (!a || !b || (shortest && a + b >= shortest))
                continue;
            shortest = a + b;
            memcpy(v->rgb + 3 * i, v->rgb + 3 * ends[v->disp[ends[1]] < v->disp[ends[0]]], 3);
        }
    }
}

static int write_file(const char *name, const char *kind, const pair *p, const uint8_t *data, int channels) {
    size_t bytes = (size_t)channels * (size_t)p->width * (size_t)p->height;
    FILE *file = fopen(name, "wb");
    int good = file && fprintf(file, "%s\n%d %d\n255\n", kind, p->width, p->height) > 0 &&
               fwrite(data, 1, bytes, file) == bytes;
    return file && !fclose(file) && good;
}

static int read_file(const char *name, const pair *p, uint8_t *data) {
    int width, height;
    size_t bytes = 3 * (size_t)p->width * (size_t)p->height;
    FILE *file = fopen(name, "rb");
    int good = file && fscanf(file, "P6 %d %d 255", &width, &height) == 2 && fgetc(file) == '\n' &&
               width == p->width && height == p->height && fread(data, 1, bytes, file) == bytes;
    if (file)
        fclose(file);
    return good;
}

int fill_by_program(const pair *p, view *v, const char *command, const char *way) {
    char folder[] = "/tmp/kb3d-quality-XXXXXX", names[3][64], words[1024];
    if (!mkdtemp(folder))
        return 0;
    static const char *const files[3] = {"view.ppm", "holes.pgm", "filled.ppm"};
    for (int i = 0; i < 3; i++)
        snprintf(names[i], sizeof names[i], "%s/%s", folder, files[i]);
    int length = snprintf(words, sizeof words, "%s %s %s %s %s", command, way, names[0], names[1], names[2]);
    int good = length < (int)sizeof words && write_file(names[0], "P6", p, v->rgb, 3) &&
               write_file(names[1], "P5", p, v->painted, 1) && !system(words) && read_file(names[2], p, v->rgb);
    for (int i = 0; i < 3; i++)
        unlink(names[i]);
    rmdir(folder);
    return good;
}
