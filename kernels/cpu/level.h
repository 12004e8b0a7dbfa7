/* Names of one SIMD level: KB3D_AT_LEVEL(f) is f_avx2 where KB3D_LEVEL is avx2. */
#ifndef KB3D_CPU_LEVEL_H
#define KB3D_CPU_LEVEL_H

#include <kernels.h>

#define KB3D_JOIN_(a, b) a##_##b
#define KB3D_JOIN(a, b) KB3D_JOIN_(a, b)
#define KB3D_TEXT_(a) #a
#define KB3D_TEXT(a) KB3D_TEXT_(a)
#define KB3D_AT_LEVEL(name) KB3D_JOIN(name, KB3D_LEVEL)

#define kb3d_area_average KB3D_AT_LEVEL(kb3d_area_average)
#define kb3d_surface_cut KB3D_AT_LEVEL(kb3d_surface_cut)
#define kb3d_matte_bytes KB3D_AT_LEVEL(kb3d_matte_bytes)
#define kb3d_matte_find KB3D_AT_LEVEL(kb3d_matte_find)
#define kb3d_matte_split KB3D_AT_LEVEL(kb3d_matte_split)
#define kb3d_render_scratch KB3D_AT_LEVEL(kb3d_render_scratch)
#define kb3d_render KB3D_AT_LEVEL(kb3d_render)
#define kb3d_fill KB3D_AT_LEVEL(kb3d_fill)
#define kb3d_smooth KB3D_AT_LEVEL(kb3d_smooth)
#define kb3d_weave_bytes KB3D_AT_LEVEL(kb3d_weave_bytes)
#define kb3d_weave KB3D_AT_LEVEL(kb3d_weave)
#define kb3d_keep_behind KB3D_AT_LEVEL(kb3d_keep_behind)
#define kb3d_import_texture KB3D_AT_LEVEL(kb3d_import_texture)
#define kb3d_fill_apron KB3D_AT_LEVEL(kb3d_fill_apron)
#define kb3d_halve KB3D_AT_LEVEL(kb3d_halve)
#define kb3d_export_color KB3D_AT_LEVEL(kb3d_export_color)
#define kb3d_export_maps KB3D_AT_LEVEL(kb3d_export_maps)
#define kb3d_enlarge KB3D_AT_LEVEL(kb3d_enlarge)
#define kb3d_map_bytes KB3D_AT_LEVEL(kb3d_map_bytes)
#define kb3d_map_prepare KB3D_AT_LEVEL(kb3d_map_prepare)
#define kb3d_map_snap KB3D_AT_LEVEL(kb3d_map_snap)
#define kb3d_upsample KB3D_AT_LEVEL(kb3d_upsample)

void kb3d_area_average(const kb3d_parallel *par, const void *from, kb3d_texel texel, int channels, int width,
                       int height, float *to, int to_channels, int to_width, int to_height);
void kb3d_surface_cut(const kb3d_parallel *par, kb3d_surface *surface);
size_t kb3d_matte_bytes(int width, int height);
int64_t kb3d_matte_find(const kb3d_parallel *par, const kb3d_matte *matte, void *memory);
void kb3d_matte_split(const kb3d_parallel *par, const kb3d_matte *matte, void *memory);
size_t kb3d_render_scratch(int width, int threads);
int64_t kb3d_render(const kb3d_parallel *par, const kb3d_layer *layers, int layer_count, const kb3d_planes *planes,
                    void *scratch);
void kb3d_fill(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_fill_params *params);
void kb3d_smooth(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_smooth_params *params, void *color,
                 float *disp);
size_t kb3d_weave_bytes(int width, int height);
void kb3d_weave(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_weave_params *params, void *memory,
                void *color);
void kb3d_keep_behind(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_warp *warp,
                      const kb3d_surface *picture, const kb3d_surface *behind);
int kb3d_import_texture(const kb3d_parallel *par, const kb3d_pixels *from, const kb3d_texture *to);
void kb3d_fill_apron(const kb3d_texture *texture);
void kb3d_halve(const kb3d_parallel *par, const kb3d_texture *from, const float *disp, float jump,
                const kb3d_texture *to, float *half_disp);
void kb3d_export_color(const kb3d_parallel *par, const kb3d_planes *planes, int linear, int to_linear,
                       const kb3d_pixels *to);
void kb3d_export_maps(const kb3d_parallel *par, const kb3d_planes *planes, const kb3d_pixels *depth,
                      const kb3d_pixels *painted);
void kb3d_enlarge(const kb3d_parallel *par, const float *from, int width, int height, float *to, int to_width,
                  int to_height);
size_t kb3d_map_bytes(int width, int height);
void kb3d_map_prepare(const kb3d_parallel *par, const float *disp, const float *guide, float jump, void *memory,
                      kb3d_depth_map *map);
void kb3d_map_snap(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params, float *to);
void kb3d_upsample(const kb3d_parallel *par, const kb3d_depth_map *map, const kb3d_snap_params *params,
                   const kb3d_texture *texture, float *to);

#endif
