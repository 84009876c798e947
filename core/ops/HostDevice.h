#pragma once

// No includes: bodies of kernels are compiled for the CPU and, in a CUDA build, for the device.
#ifdef __CUDACC__
#define CROSSITER_HOST_DEVICE __host__ __device__
#else
#define CROSSITER_HOST_DEVICE
#endif
