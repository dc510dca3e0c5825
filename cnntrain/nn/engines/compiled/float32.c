// The kernels for numbers of 32 bits.

#define REAL_BYTES 4

#include "average_pooling.h"
#include "batch.h"
#include "batch_norm.h"
#include "blocks.h"
#include "convolution.h"
#include "dense.h"
#include "dropout.h"
#include "group_norm.h"
#include "joints.h"
#include "loss.h"
#include "max_pooling.h"
#include "peak.h"
#include "point_functions.h"
#include "smooth_pooling.h"
#include "softmax.h"
#include "winograd.h"
