#include "mesh.h"

#include "noise.h"

#include <stdlib.h>

void *demo_grow(void *memory, int count, int *capacity, size_t size) {
    if (count < *capacity)
        return memory;
    *capacity = *capacity ? *capacity * 2 : 64;
    memory = realloc(memory, (size_t)*capacity * size);
    if (!memory)
        abort(); /* a small program that draws one picture: nothing to save */
    return memory;
}

void mesh_add(mesh *m, vec a, vec b, vec c, const vec normals[3], material material, float tint) {
    int capacity = m->capacity;
    m->triangles = demo_grow(m->triangles, m->count, &capacity, sizeof *m->triangles);
    capacity = m->capacity;
    m->surfaces = demo_grow(m->surfaces, m->count, &capacity, sizeof *m->surfaces);
    m->capacity = capacity;
    m->triangles[m->count] = (triangle){a, sub(b, a), sub(c, a)};
    m->surfaces[m->count++] = (surface){{normals[0], normals[1], normals[2]}, tint, material};
}

void mesh_add_flat(mesh *m, vec a, vec b, vec c, material material, float tint) {
    vec n = unit(cross(sub(b, a), sub(c, a)));
    mesh_add(m, a, b, c, (vec[3]){n, n, n}, material, tint);
}

static void add_quad(mesh *m, vec a, vec b, vec c, vec d, material material, float tint) {
    mesh_add_flat(m, a, b, c, material, tint);
    mesh_add_flat(m, a, c, d, material, tint);
}

void mesh_add_box(mesh *m, vec at, vec half, float bevel, material material, float tint) {
    float h[3] = {half.x, half.y, half.z};
    for (int axis = 0; axis < 3; axis++) {
        int s = (axis + 1) % 3, t = (axis + 2) % 3;
        for (int side = -1; side <= 1; side += 2) {
            vec face[4];
            for (int corner = 0; corner < 4; corner++) {
                float p[3];
                p[axis] = (float)side * h[axis];
                p[s] = (corner == 1 || corner == 2 ? 1.0f : -1.0f) * (h[s] - bevel);
                p[t] = (corner >= 2 ? 1.0f : -1.0f) * (h[t] - bevel);
                face[corner] = add(at, v3(p[0], p[1], p[2]));
            }
            if (side > 0)
                add_quad(m, face[0], face[1], face[2], face[3], material, tint);
            else
                add_quad(m, face[3], face[2], face[1], face[0], material, tint);
            for (int turn = -1; turn <= 1; turn += 2) { /* the chamfer towards the next axis */
                vec edge[4];
                for (int corner = 0; corner < 4; corner++) {
                    bool outer = corner == 1 || corner == 2;
                    float p[3];
                    p[axis] = (float)side * (outer ? h[axis] - bevel : h[axis]);
                    p[s] = (float)turn * (outer ? h[s] : h[s] - bevel);
                    p[t] = (corner >= 2 ? 1.0f : -1.0f) * (h[t] - bevel);
                    edge[corner] = add(at, v3(p[0], p[1], p[2]));
                }
                if (side * turn > 0)
                    add_quad(m, edge[0], edge[1], edge[2], edge[3], material, tint);
                else
                    add_quad(m, edge[3], edge[2], edge[1], edge[0], material, tint);
            }
        }
    }
}

void mesh_add_bar(mesh *m, vec a, vec b, float radius_a, float radius_b, int sides, material material, float tint) {
    vec along = unit(sub(b, a)), s, t;
    tangents(along, &s, &t);
    for (int i = 0; i < sides; i++) {
        float now = 2 * pi * (float)i / (float)sides, next = 2 * pi * (float)(i + 1) / (float)sides;
        vec n0 = add(scale(s, cosf(now)), scale(t, sinf(now))),
            n1 = add(scale(s, cosf(next)), scale(t, sinf(next)));
        vec a0 = madd(a, n0, radius_a), a1 = madd(a, n1, radius_a), b0 = madd(b, n0, radius_b),
            b1 = madd(b, n1, radius_b);
        mesh_add(m, a0, a1, b1, (vec[3]){n0, n1, n1}, material, tint);
        mesh_add(m, a0, b1, b0, (vec[3]){n0, n1, n0}, material, tint);
        if (sides > 5) {
            mesh_add_flat(m, b, b0, b1, material, tint);
            mesh_add_flat(m, a, a1, a0, material, tint);
        }
    }
}

static vec ball_point(vec at, vec half, float rough, int i, int j, int detail) {
    float up = pi * (float)i / (float)detail, round = pi * (float)(j % (2 * detail)) / (float)detail;
    vec n = v3(sinf(up) * cosf(round), cosf(up), sinf(up) * sinf(round));
    float out = 1 + rough * fbm3(add(scale(n, 1.7f), at), 5);
    return add(at, mul(scale(n, out), half));
}

void mesh_add_ball(mesh *m, vec at, vec half, float rough, int detail, material material, float tint) {
    for (int i = 0; i < detail; i++)
        for (int j = 0; j < 2 * detail; j++) {
            vec corners[4], normals[4];
            for (int k = 0; k < 4; k++) {
                int ci = i + (k >> 1), cj = j + (k & 1);
                corners[k] = ball_point(at, half, rough, ci, cj, detail);
                vec p = sub(ball_point(at, half, rough, ci + 1, cj, detail), corners[k]);
                vec q = sub(ball_point(at, half, rough, ci, cj + 1, detail), corners[k]);
                vec out = sub(corners[k], at), n = cross(q, p);
                normals[k] = ci == 0 || ci == detail ? unit(out) : unit(n);
                if (dot(normals[k], out) < 0)
                    normals[k] = scale(normals[k], -1);
            }
            mesh_add(m, corners[0], corners[1], corners[3], (vec[3]){normals[0], normals[1], normals[3]}, material,
                     tint);
            mesh_add(m, corners[0], corners[3], corners[2], (vec[3]){normals[0], normals[3], normals[2]}, material,
                     tint);
        }
}

instance *forest_add(forest *f, const mesh *m, vec at, float yaw, float size, uint32_t seed) {
    f->instances = demo_grow(f->instances, f->count, &f->capacity, sizeof *f->instances);
    instance *n = &f->instances[f->count++];
    float c = cosf(yaw) * size, s = sinf(yaw) * size;
    *n = (instance){m, {v3(c, 0, s), v3(0, size, 0), v3(-s, 0, c)}, at, size, seed};
    return n;
}
