// The kernels for numbers of 64 bits.

#define REAL_BYTES 8

#include "batch.h"
#include "blocks.h"
#include "convolution.h"
#include "dense.h"
#include "loss.h"
#include "winograd.h"
