#include "scene.h"

#include "adjust.h"
#include "decode.h"
#include "depth.h"
#include "estimate.h"
#include "matte.h"
#include "pixels.h"
#include "refine.h"
#include "sky.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What belongs to one kb3d_scene_create. */
typedef struct build {
    kb3d_ctx *ctx;
    kb3d_scene *scene;
    kb3d_scene_params params;
    kb3d_source picture, depth;
    kb3d_job job;
    kb3d_call *call;
    kb3d_pixels pixels; /* of the picture */
    kb3d_raster raster; /* the picture decoded, or data NULL */
    kb3d_raster map;    /* the host's or the network's depth */
    kb3d_segments *segments; /* NULL: none */
    kb3d_raster sky;    /* of the map's size, or data NULL */
    double focal_35mm;
} build;

static kb3d_status check_source(kb3d_source *to, const kb3d_source *from, const char *what, kb3d_call *call) {
    kb3d_status status = kb3d_struct_read(to, sizeof *to, from, sizeof *to, what, call);
    if (status)
        return status;
    if (!!to->path + !!to->bytes + !!to->image != 1)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "%s needs exactly one of path, bytes and image", what);
    return KB3D_OK;
}

static kb3d_status check_pixel_limit(build *b, const kb3d_pixels *p, const char *what) {
    if ((uint64_t)p->width * (uint64_t)p->height > b->ctx->pixel_limit)
        return kb3d_fail(b->call, KB3D_ERROR_LIMIT, "%s: %d x %d pixels exceed the limit of %llu", what, p->width,
                         p->height, (unsigned long long)b->ctx->pixel_limit);
    return KB3D_OK;
}

static kb3d_status load_picture(build *b) {
    const kb3d_source *s = &b->picture;
    kb3d_status status;
    if (s->image) {
        if ((status = kb3d_pixels_from_image(&b->pixels, s->image, kb3d_pixels_allow(b->ctx, KB3D_USE_PICTURE),
                                             "the picture", b->call)))
            return status;
        b->scene->linear = s->image->transfer == KB3D_TRANSFER_LINEAR;
        return check_pixel_limit(b, &b->pixels, "the picture");
    }
    kb3d_file_info info = {0};
    status = kb3d_decode_picture(&b->ctx->mem, b->ctx->pixel_limit, s->path, s->bytes, s->byte_count, &b->raster,
                                 &info, b->call);
    if (status)
        return status;
    b->pixels = kb3d_pixels_from_raster(&b->raster);
    b->focal_35mm = info.focal_35mm;
    b->scene->linear = b->raster.linear;
    return KB3D_OK;
}

static void set_camera(build *b) {
    kb3d_scene *s = b->scene;
    double width = b->pixels.width, height = b->pixels.height, longer = fmax(width, height);
    double focal = b->params.focal_px;
    if (!(focal > 0)) {
        s->focal_is_guess = !(b->focal_35mm > 0);
        focal = (s->focal_is_guess ? 28.0 : b->focal_35mm) / 36.0 * longer;
        if (s->focal_is_guess)
            kb3d_log_line(&b->ctx->log, KB3D_LOG_INFO,
                          "focal length unknown: taken as 28 mm equivalent, %.0f pixels", focal);
    }
    s->camera = (kb3d_camera){.size = sizeof s->camera,
                              .rotation = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                              .focal_px = focal,
                              .principal_x = 0.5 * width,
                              .principal_y = 0.5 * height,
                              .width = width,
                              .height = height};
}

static kb3d_status import_picture(build *b) {
    kb3d_scene *s = b->scene;
    int bytes = kb3d_format_bytes(b->pixels.format);
    kb3d_texel texel = b->pixels.format == KB3D_FORMAT_GRAYF32 || bytes >= 12 ? KB3D_TEXEL_F32
                       : b->pixels.format == KB3D_FORMAT_GRAY16 || bytes >= 6 ? KB3D_TEXEL_U16
                                                                              : KB3D_TEXEL_U8;
    kb3d_status status =
        kb3d_cloud_alloc(&s->levels[0], &b->ctx->mem, b->pixels.width, b->pixels.height, texel, b->call);
    if (status)
        return status;
    s->level_count = 1;
    kb3d_parallel par = kb3d_job_parallel(&b->job);
    s->has_alpha = b->ctx->kernels->import_texture(&par, &b->pixels, &s->levels[0].texture);
    return kb3d_call_check(b->call);
}

/* Networks and filters need a raster; a host's view is copied into one. */
static kb3d_status need_raster(build *b) {
    return b->raster.data ? KB3D_OK : kb3d_raster_from_pixels(&b->raster, b->ctx, &b->pixels, b->call);
}

static kb3d_model **made_by(build *b, kb3d_model_role role) {
    return &b->scene->made_by[role - KB3D_MODEL_DEPTH];
}

static kb3d_status estimate_depth(build *b) {
    kb3d_model **model = made_by(b, KB3D_MODEL_DEPTH);
    kb3d_status status = need_raster(b);
    if (status || (status = kb3d_estimate_depth(b->ctx, &b->raster, b->params.depth_quality, &b->map, model, b->call)))
        return status;
    snprintf(b->scene->depth_source, sizeof b->scene->depth_source, "%s", kb3d_model_manifest(*model)->name);
    kb3d_depth_interpret(&b->map, KB3D_DEPTH_INVERSE);
    return KB3D_OK;
}

static kb3d_status load_depth(build *b) {
    kb3d_status status;
    const kb3d_source *s = &b->depth;
    strcpy(b->scene->depth_source, "host");
    if (s->image) {
        kb3d_pixels p;
        if ((status = kb3d_pixels_from_image(&p, s->image, kb3d_pixels_allow(b->ctx, KB3D_USE_DEPTH), "the depth map",
                                             b->call)) ||
            (status = check_pixel_limit(b, &p, "the depth map")) ||
            (status = kb3d_raster_from_pixels(&b->map, b->ctx, &p, b->call)))
            return status;
    } else if ((status = kb3d_decode_depth(&b->ctx->mem, b->ctx->pixel_limit, s->path, s->bytes, s->byte_count,
                                           &b->map, b->call))) {
        return status;
    }
    if (b->params.depth_kind == KB3D_DEPTH_INVERSE)
        b->scene->disp_step = kb3d_depth_step(&b->map);
    kb3d_depth_interpret(&b->map, b->params.depth_kind);
    return KB3D_OK;
}

static void free_raster(build *b, kb3d_raster *r) {
    kb3d_mem_free(&b->ctx->mem, r->data);
    r->data = NULL;
}

/* Differences of inverse depth are measured against the range that the scene
   spans, and a flat scene's against a quarter of its depth, so that noise on a
   wall tears nothing. */
static float relief(const kb3d_scene *s) {
    return fmaxf(fmaxf(s->disp_near - s->disp_far, 0.25f * s->disp_near), 1e-30f);
}

static float jump_at(const kb3d_scene *s, int width, int height) {
    float share = fmaxf(0.015f, 8.0f / (float)(width > height ? width : height));
    return fmaxf(relief(s) * share, 8 * s->disp_step); /* the steps of 8 bits and their noise tear nothing */
}

/* A pixel's parallax may be off by a small part of a pixel, and by the steps of a
   map of 8 bits, which are no part of the scene. */
static float tolerance_at(const kb3d_scene *s, int width, int height) {
    return fmaxf(relief(s) / (float)(width > height ? width : height), 0.75f * s->disp_step);
}

static void note_range(kb3d_scene *s, const float *disp, size_t count) {
    kb3d_depth_range r = kb3d_depth_measure(disp, count);
    s->disp_min = r.min;
    s->disp_max = r.max;
    s->disp_near = r.near;
    s->disp_far = r.far;
}

static kb3d_status copy_map(build *b, kb3d_raster *to) {
    size_t byte_count = (size_t)b->map.width * (size_t)b->map.height * sizeof(float);
    *to = b->map;
    kb3d_status status = kb3d_mem_alloc(&b->ctx->mem, &to->data, byte_count, 1, b->call);
    if (!status)
        memcpy(to->data, b->map.data, byte_count);
    return status;
}

/* Masks of the host's have the picture's shape, but for the rounding of their size. */
static kb3d_status check_masks(build *b) {
    for (int i = 0; i < b->segments->count; i++) {
        const kb3d_segment *s = &b->segments->items[i];
        double across = (double)s->width * b->pixels.height, down = (double)s->height * b->pixels.width;
        double slack = 1.5 * (b->pixels.width > b->pixels.height ? b->pixels.width : b->pixels.height);
        if (fabs(across - down) > slack + 0.01 * across)
            return kb3d_fail(b->call, KB3D_ERROR_ARGUMENT, "mask %d is %d x %d, which is not the picture's shape", i,
                             s->width, s->height);
    }
    return KB3D_OK;
}

/* Keeps things whole: those that the host shows, or that a network finds in the picture
   where the depth is a network's too. */
static kb3d_status adjust_depth(build *b) {
    const kb3d_scene_params *p = &b->params;
    if ((p->skip & KB3D_SKIP_ADJUST) || (b->depth.size && !p->mask_count))
        return KB3D_OK;
    kb3d_status status = kb3d_call_progress(b->call, "adjust", 0);
    if (status || (status = need_raster(b)) ||
        (status = kb3d_mem_alloc_zero(&b->ctx->mem, &b->segments, 1, sizeof *b->segments, b->call)))
        return status;
    status = p->mask_count
                 ? kb3d_segment_masks(b->ctx, p->masks, p->mask_count, b->segments, b->call)
                 : kb3d_segment_picture(b->ctx, &b->raster, b->segments, made_by(b, KB3D_MODEL_SEGMENT), b->call);
    if (status || !b->segments->count || (p->mask_count && (status = check_masks(b))))
        return status;
    if ((status = copy_map(b, &b->scene->estimate)) ||
        (status = kb3d_adjust_depth(b->ctx, &b->raster, b->segments, &b->map, b->call)) ||
        (status = kb3d_sky_find(b->ctx, b->segments, &b->map, &b->sky, b->call)) ||
        (b->sky.data && (status = kb3d_sky_lower(b->ctx, &b->sky, &b->map, b->call))))
        return status;
    return kb3d_call_progress(b->call, "adjust", 1);
}

static int is_map_final(const build *b) {
    return b->depth.size && !b->params.refine_depth && b->map.width == b->pixels.width &&
           b->map.height == b->pixels.height;
}

/* Brings the map to the picture's size, along the picture's edges. */
static kb3d_status refine_depth(build *b) {
    kb3d_scene *s = b->scene;
    kb3d_cloud *c = &s->levels[0];
    kb3d_raster *m = &b->map;
    note_range(s, m->data, (size_t)m->width * (size_t)m->height);
    if (is_map_final(b)) {
        kb3d_mem_free(&b->ctx->mem, c->disp);
        c->disp = m->data;
        m->data = NULL;
        return KB3D_OK;
    }
    kb3d_refine_params params = {.picture = &b->raster,
                                 .map = m,
                                 .texture = &c->texture,
                                 .jump = jump_at(s, m->width, m->height),
                                 .plain = b->params.skip & KB3D_SKIP_REFINE};
    kb3d_status status = need_raster(b);
    if (!status)
        status = kb3d_refine_depth(b->ctx, &params, c->disp, made_by(b, KB3D_MODEL_REFINE), &b->job, b->call);
    s->adjusted = *m;
    m->data = NULL;
    return status;
}

static kb3d_status finish_sky(build *b) {
    kb3d_cloud *c = &b->scene->levels[0];
    kb3d_status status = b->sky.data ? need_raster(b) : KB3D_OK;
    if (!status && b->sky.data)
        status = kb3d_sky_finish(b->ctx, &b->sky, &b->raster, &c->texture, c->disp, b->call);
    return status;
}

/* Pixels on both sides of a tear that may be mixed: the picture's own blur; and where depth was brought to its size,
   a few of the map's pixels, by which its edges lie off. */
static int mixed_reach(const build *b, int level) {
    const kb3d_raster *map = &b->scene->adjusted;
    int reach = 2;
    if (map->data)
        reach += (int)ceil(3.0 * b->pixels.width / map->width);
    return kb3d_clamp_i(reach >> level, 2, KB3D_MATTE_REACH_MAX);
}

/* Splits a level's mixed pixels, and cuts its layers. A picture that is itself seen through stays as it is. */
static kb3d_status finish_level(build *b, int l) {
    kb3d_scene *s = b->scene;
    kb3d_ctx *ctx = b->ctx;
    kb3d_cloud *c = &s->levels[l];
    int w = c->texture.width, h = c->texture.height;
    float jump = jump_at(s, w, h), tolerance = tolerance_at(s, w, h), *disp = NULL;
    kb3d_status status = KB3D_OK;
    kb3d_matte_params p = {.jump = jump, .reach = mixed_reach(b, l), .is_blurred = !!s->adjusted.data,
                           .most = s->linear ? 1e30f : 1};
    if (!s->has_alpha)
        status = kb3d_matte_cloud(ctx, c, &s->behind[l], &disp, &p, b->call);
    if (l)
        kb3d_mem_free(&ctx->mem, disp);
    else
        s->refined = disp;
    if (status || (status = kb3d_cloud_cut(c, &ctx->mem, ctx->kernels, &b->job, jump, tolerance)))
        return status;
    kb3d_job quiet = {.pool = ctx->pool, .call = b->call};
    return s->behind[l].mask ? kb3d_cloud_cut(&s->behind[l], &ctx->mem, ctx->kernels, &quiet, jump, tolerance) : KB3D_OK;
}

enum { SMALLEST_LEVEL = 48 };

/* The picture and its halves, down to a small one. */
static kb3d_status make_levels(build *b) {
    kb3d_scene *s = b->scene;
    for (int l = 0;; l++, b->job.stage = NULL) { /* the first takes the time */
        kb3d_cloud *c = &s->levels[l];
        int w = c->texture.width, h = c->texture.height;
        if ((w <= SMALLEST_LEVEL && h <= SMALLEST_LEVEL) || l + 1 == KB3D_LEVEL_MAX)
            return finish_level(b, l);
        kb3d_cloud *half = &s->levels[l + 1];
        kb3d_status status =
            kb3d_cloud_alloc(half, &b->ctx->mem, (w + 1) / 2, (h + 1) / 2, c->texture.texel, b->call);
        if (status)
            return status;
        s->level_count = l + 2;
        kb3d_job quiet = {.pool = b->ctx->pool, .call = b->call};
        kb3d_parallel par = kb3d_job_parallel(&quiet);
        b->ctx->kernels->halve(&par, &c->texture, c->disp, jump_at(s, w, h), &half->texture, half->disp);
        if ((status = finish_level(b, l)))
            return status;
    }
}

static void stage(build *b, const char *name) {
    b->job = (kb3d_job){.pool = b->ctx->pool, .call = b->call, .stage = name, .begin = 0, .end = 1};
}

static kb3d_status run(build *b) {
    kb3d_status status;
    stage(b, "decode");
    if ((status = kb3d_call_progress(b->call, "decode", 0)) || (status = load_picture(b)))
        return status;
    set_camera(b);
    if ((status = import_picture(b)))
        return status;
    stage(b, "depth");
    if ((status = b->depth.size ? load_depth(b) : estimate_depth(b)))
        return status;
    const char *file = b->depth.path ? b->depth.path : b->depth.size ? "the depth map" : b->scene->depth_source;
    if (kb3d_depth_fill_unknown(&b->map, b->call))
        return kb3d_fail(b->call, KB3D_ERROR_FORMAT, "%s: no known depth anywhere in it", file);
    if ((status = adjust_depth(b)))
        return status;
    stage(b, "refine");
    if (is_map_final(b) && !b->sky.data) /* nobody needs it any more */
        free_raster(b, &b->raster);
    if ((status = refine_depth(b)) || (status = finish_sky(b)))
        return status;
    free_raster(b, &b->raster);
    stage(b, "surface");
    return make_levels(b);
}

kb3d_status kb3d_scene_create(kb3d_ctx *ctx, const kb3d_scene_params *params, kb3d_scene **out, kb3d_call *call) {
    kb3d_status status = kb3d_call_begin(call);
    if (status)
        return status;
    if (!out)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "scene is NULL");
    *out = NULL;
    if (!ctx)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "ctx is NULL");
    build b = {.ctx = ctx, .call = call};
    kb3d_scene_params *p = &b.params;
    if ((status = kb3d_struct_read(p, sizeof *p, params, offsetof(kb3d_scene_params, masks), "kb3d_scene_params",
                                   call)) ||
        (status = check_source(&b.picture, p->picture, "the picture's kb3d_source", call)) ||
        (p->depth && (status = check_source(&b.depth, p->depth, "the depth map's kb3d_source", call))))
        return status;
    if (p->depth_kind != KB3D_DEPTH_INVERSE && p->depth_kind != KB3D_DEPTH_Z)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "depth_kind is %d", (int)p->depth_kind);
    if (!(p->focal_px >= 0 && p->focal_px < 1e9))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "focal_px is %g", p->focal_px);
    if ((int)p->depth_quality < 0 || p->depth_quality > KB3D_DEPTH_QUALITY_HIGH)
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "depth_quality is %d", (int)p->depth_quality);
    if (p->skip & ~(KB3D_SKIP_ADJUST | KB3D_SKIP_REFINE))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "skip is %d", p->skip);
    if (p->mask_count < 0 || p->mask_count > KB3D_MASK_MAX || (p->mask_count && !p->masks))
        return kb3d_fail(call, KB3D_ERROR_ARGUMENT, "mask_count is %d, not 0..%d with masks", p->mask_count,
                         KB3D_MASK_MAX);
    if ((status = kb3d_mem_alloc_zero(&ctx->mem, &b.scene, 1, sizeof *b.scene, call)))
        return status;
    atomic_init(&b.scene->references, 1);
    b.scene->ctx = kb3d_ctx_retain(ctx);
    status = run(&b);
    if (!status)
        status = kb3d_call_check(call);
    free_raster(&b, &b.raster);
    free_raster(&b, &b.map);
    free_raster(&b, &b.sky);
    if (b.segments)
        kb3d_segments_free(ctx, b.segments);
    kb3d_mem_free(&ctx->mem, b.segments);
    if (status) {
        kb3d_scene_release(b.scene);
        return status;
    }
    *out = b.scene;
    return KB3D_OK;
}

void kb3d_scene_retain(const kb3d_scene *scene) {
    atomic_fetch_add(&((kb3d_scene *)scene)->references, 1);
}

void kb3d_scene_release(const kb3d_scene *handle) {
    kb3d_scene *s = (kb3d_scene *)handle;
    if (atomic_fetch_sub(&s->references, 1) != 1)
        return;
    kb3d_ctx *ctx = s->ctx;
    for (int l = 0; l < s->level_count; l++) {
        kb3d_cloud_free(&s->levels[l], &ctx->mem);
        kb3d_cloud_free(&s->behind[l], &ctx->mem);
    }
    kb3d_mem_free(&ctx->mem, s->refined);
    kb3d_mem_free(&ctx->mem, s->estimate.data);
    kb3d_mem_free(&ctx->mem, s->adjusted.data);
    kb3d_mem_free(&ctx->mem, s);
    kb3d_ctx_release(ctx);
}

void kb3d_scene_destroy(kb3d_scene **scene) {
    if (!scene || !*scene)
        return;
    kb3d_scene_release(*scene);
    *scene = NULL;
}

const float *kb3d_scene_disp(const kb3d_scene *s) {
    return s->refined ? s->refined : s->levels[0].disp;
}

int kb3d_scene_layers(const kb3d_scene *s, const kb3d_camera *frame, kb3d_layer *layers) {
    double texels = kb3d_texels_per_pixel(&s->camera, frame, 0.5 * (s->disp_near + s->disp_far));
    double coarse = texels > 1 ? log2(texels) : 0;
    int level = (int)fmin(floor(coarse), s->level_count - 1);
    double share = fmin(fmax(coarse - level, 0), 1);
    const kb3d_cloud *c = &s->levels[level];
    kb3d_camera camera = kb3d_camera_at_level(&s->camera, level);
    layers[0] = (kb3d_layer){.surface = &c->surface, .warp = kb3d_warp_between(&camera, frame), .texture = &c->texture};
    if (level + 1 < s->level_count && share > 0) {
        layers[0].half = &s->levels[level + 1].texture;
        layers[0].half_share = (int)(share * 255 + 0.5);
    }
    const kb3d_cloud *behind = &s->behind[level];
    if (!behind->mask)
        return 1;
    layers[1] = (kb3d_layer){.surface = &behind->surface, .warp = layers[0].warp, .texture = &behind->texture};
    return 2;
}
