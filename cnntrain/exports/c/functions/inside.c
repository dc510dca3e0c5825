#include "windows.c"

// A part of an image.
struct part {
    int top, bottom, left, right;
};

// Which part of window (i, j) lies on the image: rows from top to before bottom, and so on.
static struct part inside(const struct windows *at, int i, int j) {
    const int row = i * at->stride[0] - at->top, column = j * at->stride[1] - at->left;
    const int bottom = row + at->kernel[0], right = column + at->kernel[1];
    return (struct part){
        .top = row < 0 ? 0 : row,
        .bottom = bottom > at->height ? at->height : bottom,
        .left = column < 0 ? 0 : column,
        .right = right > at->width ? at->width : right,
    };
}
