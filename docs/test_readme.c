/* Calls the README's code. readme.h is made from the README by scripts/readme-code. */
#include "readme.h"

#include <stdio.h>

static int shown;

static void show(void) {
    shown++;
}

int main(int count, char **words) {
    static uint8_t pixels[128][192][4];
    kb3d_image mine;
    KB3D_INIT(mine);
    mine.format = KB3D_FORMAT_RGBA8;
    mine.width = 192;
    mine.height = 128;
    mine.data[0] = pixels;
    kb3d_call call;
    KB3D_INIT(call);
    kb3d_status status = count == 3 ? fly(words[1], words[2], &mine, show, &call) : KB3D_ERROR_ARGUMENT;
    if (status)
        printf("%s: %s\n", kb3d_status_text(status), call.message);
    printf("%d frames\n", shown);
    return status || shown != 125 || pixels[64][96][3] != 255;
}
