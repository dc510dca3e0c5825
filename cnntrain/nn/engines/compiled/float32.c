// The kernels for numbers of 32 bits.

#define REAL_BYTES 4

#include "batch.h"
#include "blocks.h"
#include "convolution.h"
#include "dense.h"
#include "loss.h"
#include "winograd.h"
