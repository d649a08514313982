// scrypt, RFC 7914: a key from a password, slow and large on purpose.
//
// The p *lanes* are independent. Those in flight at once are spread over threads, and within a thread they take their
// steps together (scrypt_mix.h). Memory bounds how many are in flight (scrypt_lane.h).
#pragma once

#include "engine/bytes.h"
#include "engine/scrypt_mix.h"

namespace cyberbackup {

struct ScryptParameters {
  uint64_t N = 0;
  uint64_t r = 0;
  uint64_t p = 0;
};

struct ScryptResources {
  // All processors, by default.
  unsigned threads = 0;
  // Bytes of the lanes' tables in flight; a single lane may take more. By default as much as leaves the whole client,
  // with the 56 MiB of the command line, below 128 MiB.
  uint64_t memory = uint64_t{64} << 20;
  const MixKernel& kernel = bestMix();
};

// How the lanes are run.
struct ScryptPlan {
  unsigned lanes = 1;
  unsigned threads = 1;
  // Of the rows that a lane keeps (scrypt_lane.h).
  uint64_t spacing = 1;
};

// The plan with the shortest time: rounds of lanes, times steps of a lane, times what a step takes with so many in one thread.
ScryptPlan planScrypt(const ScryptParameters& parameters, const ScryptResources& resources);

// Writes `size` bytes to `out`. The parameters must be valid and within what one wants to afford: N a power of two from 2
// to 2^31, r·p < 2^30 with 128·r·p < 2^31. Throws `E_CRYPTO`, or std::bad_alloc where memory is short; all memory is wiped
// and given back.
void scrypt(ByteSpan password, ByteSpan salt, const ScryptParameters& parameters, uint8_t* out, size_t size,
            const ScryptResources& resources = {});

}  // namespace cyberbackup
