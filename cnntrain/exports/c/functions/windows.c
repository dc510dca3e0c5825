// Where the windows of a convolution or a pool lie on images of height x width: rows x columns of
// them, `stride` apart.  Pairs are down and to the right.
struct windows {
    int height, width, rows, columns;
    int kernel[2], stride[2], dilation[2];
    int top, left;  // padding
};
