/* In the place of stb_image's, as jansson.h beside it: no picture can be decoded. */
#ifndef KB3D_TESTS_ALONE_STB_IMAGE_H
#define KB3D_TESTS_ALONE_STB_IMAGE_H

#define KB3D_ALONE_NO_PICTURE(blob, count, width, height, channels, wanted) \
    ((void)(blob), (void)(count), (void)(width), (void)(height), (void)(channels), (void)take, (void)grow, (void)give, (void *)NULL)
#define stbi_load_from_memory KB3D_ALONE_NO_PICTURE
#define stbi_load_16_from_memory KB3D_ALONE_NO_PICTURE
#define stbi_loadf_from_memory KB3D_ALONE_NO_PICTURE
#define stbi_failure_reason() "built without stb_image"

#endif
