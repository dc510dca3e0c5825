// What library.py asks first: the version of the interface, and how it was compiled.

#define INTERFACE "1"

__attribute__((visibility("default"))) const char *cnntrain_version(void);

const char *cnntrain_version(void) {
#if defined(__AVX512F__)
    return INTERFACE " AVX-512, " __VERSION__;
#elif defined(__AVX2__)
    return INTERFACE " AVX2, " __VERSION__;
#else
    return INTERFACE " NEON, " __VERSION__;
#endif
}
