// SHA-256 of byte streams, reusable without allocation. OpenSSL picks the fastest code of the processor.
#pragma once

#include <openssl/evp.h>

#include "engine/bytes.h"

namespace cyberbackup {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void reset();
  void update(ByteSpan bytes);
  // Ends the stream; `reset` starts the next.
  Id finish();
  // reset, update, finish.
  Id of(ByteSpan bytes);

 private:
  EVP_MD_CTX* context_;
};

}  // namespace cyberbackup
