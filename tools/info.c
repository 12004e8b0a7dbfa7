#include "io/video.h"
#include "networks.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdio.h>
#include <stdlib.h>

static void print_backend(kb3d_tool *tool, kb3d_backend backend, const char *name, const char *ready) {
    kb3d_status status = kb3d_backend_probe(backend, &tool->call);
    printf("backend %-8s %s\n", name, status ? tool->call.message : ready);
}

static void print_devices(kb3d_tool *tool) {
    int count;
    if (kb3d_backend_device_count(KB3D_BACKEND_CUDA, &count, &tool->call)) /* said with the backend */
        return;
    for (int i = 1; i <= count; i++) {
        kb3d_device_info d;
        KB3D_INIT(d);
        if (kb3d_backend_get_device(KB3D_BACKEND_CUDA, i, &d, &tool->call))
            printf("device %-9d %s\n", i, tool->call.message);
        else
            printf("device %-9d %s, compute capability %d.%d, %.1f GB%s%s\n", i, d.name, d.compute_major,
                   d.compute_minor, (double)d.memory_bytes / 1e9, *d.problem ? ": " : "", d.problem);
    }
}

static void print_formats(void) {
    const kb3d_video_kind *kind;
    for (int i = 0; (kind = kb3d_video_list_kinds(i)); i++)
        printf("writes %-9s %s%s\n", kind->extension, kind->text,
               kb3d_video_can_write(kind) ? "" : " (this libav has no encoder for it)");
    printf("writes %-9s frames, views, 16 bit depth\nwrites %-9s float depth\n", ".png", ".pfm");
}

static void print_av(const char *name, unsigned version) {
    printf("%-16s %u.%u.%u\n", name, AV_VERSION_MAJOR(version), AV_VERSION_MINOR(version),
           AV_VERSION_MICRO(version));
}

kb3d_exit kb3d_info_run(const kb3d_options *options) {
    if (options->input_count)
        return kb3d_report_usage(options->inputs[0], "info takes no file");
    kb3d_tool tool;
    kb3d_exit failed = kb3d_tool_open(&tool, options);
    if (failed)
        return failed;
    kb3d_ctx_info info;
    KB3D_INIT(info);
    kb3d_status status = kb3d_ctx_get_info(tool.ctx, &info, &tool.call);
    if (status) {
        failed = kb3d_tool_fail(&tool, NULL, status);
        kb3d_tool_close(&tool);
        return failed;
    }
    uint32_t api = kb3d_api_version();
    printf("kb3d             %s\n", kb3d_version());
    printf("API              %u.%u\n", api >> 16, api & 0xffff);
    print_backend(&tool, KB3D_BACKEND_CPU, "cpu", "ready");
    print_backend(&tool, KB3D_BACKEND_CUDA, "cuda", "CUDA: built, not yet verified on a device; auto takes the CPU");
    print_devices(&tool);
    printf("threads          %d\nSIMD             %s\n", info.threads, info.simd);
    print_av("libavcodec", avcodec_version());
    print_av("libavformat", avformat_version());
    print_av("libavutil", avutil_version());
    printf("libav's licence  %s\n", avcodec_license());
    print_formats();
    const char *modules = getenv("KB3D_PLUGIN_PATH");
    printf("modules          %s%skb3d/ beside libkb3d, then its installed folder\n", modules ? modules : "",
           modules ? ", then " : "");
    kb3d_networks_print(&tool);
    kb3d_tool_close(&tool);
    return KB3D_EXIT_OK;
}
