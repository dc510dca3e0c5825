// Random words as a function of their number: Philox-4x64-10 (Salmon et al., "Parallel random numbers: as
// easy as 1, 2, 3", 2011), with the words that NumPy's generator of that name puts out.

#ifndef PHILOX_H
#define PHILOX_H

#include <stdint.h>

#define ROUNDS 10

typedef struct {
    uint64_t word[4];
} Block;

// Block `number` of the sequence that belongs to a key of two words: the counter, which is that number
// plus 1, encrypted.
static inline Block philox(uint64_t number, uint64_t key0, uint64_t key1) {
    Block b = {{number + 1, 0, 0, 0}};
    for (int i = 0; i < ROUNDS; i++) {
        const unsigned __int128 first = (unsigned __int128)0xD2E7470EE14C6C93 * b.word[0];
        const unsigned __int128 second = (unsigned __int128)0xCA5A826395121157 * b.word[2];
        b = (Block){{(uint64_t)(second >> 64) ^ b.word[1] ^ key0, (uint64_t)second,
                     (uint64_t)(first >> 64) ^ b.word[3] ^ key1, (uint64_t)first}};
        key0 += 0x9E3779B97F4A7C15;  // the golden ratio
        key1 += 0xBB67AE8584CAA73B;  // sqrt(3) - 1
    }
    return b;
}

#endif
