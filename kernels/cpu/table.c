#include "level.h"

extern const kb3d_kernels KB3D_AT_LEVEL(kb3d_kernels_cpu);

const kb3d_kernels KB3D_AT_LEVEL(kb3d_kernels_cpu) = {
    .simd = KB3D_TEXT(KB3D_LEVEL),
    .area_average = kb3d_area_average,
    .surface_cut = kb3d_surface_cut,
    .matte_bytes = kb3d_matte_bytes,
    .matte_find = kb3d_matte_find,
    .matte_split = kb3d_matte_split,
    .render_scratch = kb3d_render_scratch,
    .render = kb3d_render,
    .fill = kb3d_fill,
    .smooth = kb3d_smooth,
    .weave_bytes = kb3d_weave_bytes,
    .weave = kb3d_weave,
    .keep_behind = kb3d_keep_behind,
    .import_texture = kb3d_import_texture,
    .fill_apron = kb3d_fill_apron,
    .halve = kb3d_halve,
    .export_color = kb3d_export_color,
    .export_maps = kb3d_export_maps,
    .enlarge = kb3d_enlarge,
    .map_bytes = kb3d_map_bytes,
    .map_prepare = kb3d_map_prepare,
    .map_snap = kb3d_map_snap,
    .upsample = kb3d_upsample,
};
