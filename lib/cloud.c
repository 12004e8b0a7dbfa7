#include "cloud.h"

kb3d_status kb3d_cloud_alloc(kb3d_cloud *cloud, kb3d_mem *mem, int width, int height, kb3d_texel texel,
                             kb3d_call *call) {
    *cloud = (kb3d_cloud){0};
    size_t stride = (size_t)width + 2 * KB3D_APRON, rows = (size_t)height + 2 * KB3D_APRON;
    size_t pixel = 4 * (size_t)texel;
    /* one pixel more: filters read four pixels at a time */
    kb3d_status status = kb3d_mem_alloc(mem, &cloud->texture_memory, stride * rows + 1, pixel, call);
    if (!status)
        status = kb3d_mem_alloc(mem, &cloud->disp, (size_t)width * (size_t)height, sizeof *cloud->disp, call);
    if (status) {
        kb3d_cloud_free(cloud, mem);
        return status;
    }
    cloud->texture = (kb3d_texture){.texel = texel, .width = width, .height = height, .stride = (ptrdiff_t)stride};
    cloud->texture.data = (char *)cloud->texture_memory + pixel * (KB3D_APRON * stride + KB3D_APRON);
    return KB3D_OK;
}

kb3d_status kb3d_cloud_cut(kb3d_cloud *cloud, kb3d_mem *mem, const kb3d_kernels *kernels, kb3d_job *job,
                           float jump, float tolerance) {
    kb3d_surface *s = &cloud->surface;
    *s = (kb3d_surface){.width = cloud->texture.width,
                        .height = cloud->texture.height,
                        .jump = jump,
                        .tolerance = tolerance,
                        .disp = cloud->disp,
                        .mask = cloud->mask,
                        .before = cloud->before,
                        .soft = cloud->soft};
    s->groups_x = (s->width + KB3D_GROUP_WIDTH - 1) / KB3D_GROUP_WIDTH;
    s->groups_y = (s->height + KB3D_GROUP_HEIGHT - 1) / KB3D_GROUP_HEIGHT;
    kb3d_status status = kb3d_mem_alloc_zero(mem, &s->groups, ((size_t)s->groups_x + 1) * (size_t)s->groups_y,
                                             sizeof *s->groups, job->call);
    if (status)
        return status;
    kb3d_job halves[2] = {*job, *job}; /* counting the patches, then writing them */
    halves[0].end = halves[1].begin = 0.5 * (job->begin + job->end);
    kb3d_parallel par = kb3d_job_parallel(&halves[0]);
    kernels->surface_cut(&par, s);
    if ((status = kb3d_call_check(job->call)))
        return status;
    if (s->patch_count > KB3D_PATCH_COUNT_MAX)
        return kb3d_fail(job->call, KB3D_ERROR_LIMIT, "the depth map is too rough for a picture of this size");
    if ((status = kb3d_mem_alloc(mem, &s->patches, s->patch_count, sizeof *s->patches, job->call)))
        return status;
    par = kb3d_job_parallel(&halves[1]);
    kernels->surface_cut(&par, s);
    return kb3d_call_check(job->call);
}

void kb3d_cloud_free(kb3d_cloud *cloud, kb3d_mem *mem) {
    kb3d_mem_free(mem, cloud->texture_memory);
    kb3d_mem_free(mem, cloud->disp);
    kb3d_mem_free(mem, cloud->mask);
    kb3d_mem_free(mem, cloud->soft);
    kb3d_mem_free(mem, cloud->surface.groups);
    kb3d_mem_free(mem, cloud->surface.patches);
    *cloud = (kb3d_cloud){0};
}
