#ifndef _WIN32

#include "files/fault_guard.h"

#include <csetjmp>
#include <csignal>
#include <cstring>
#include <mutex>

namespace cyberbackup::files {
namespace {

struct Guard {
  sigjmp_buf jump;
  const uint8_t* begin;
  const uint8_t* end;
};

// The handler must not run the lazy allocation of a dynamic thread-local on a thread that never had a guard.
#ifdef __GLIBC__
__attribute__((tls_model("initial-exec")))
#endif
thread_local Guard* volatile current = nullptr;

struct sigaction previous;

void forward(int signal, siginfo_t* info, void* context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0 && previous.sa_sigaction != nullptr) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler == SIG_IGN && info->si_code <= 0) {
    return;  // sent by a process, and ignored before us
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    // Back to the default; a real fault happens again on return and ends the process as it would have without us.
    struct sigaction fallback = {};
    fallback.sa_handler = SIG_DFL;
    sigaction(signal, &fallback, nullptr);
    if (info->si_code <= 0) raise(signal);
  }
}

void handle(int signal, siginfo_t* info, void* context) {
  Guard* guard = current;
  const auto* address = static_cast<const uint8_t*>(info->si_addr);
  if (guard != nullptr && info->si_code > 0 && address >= guard->begin && address < guard->end) {
    current = nullptr;
    siglongjmp(guard->jump, 1);
  }
  forward(signal, info, context);
}

}  // namespace

void installFaultGuard() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action = {};
    action.sa_sigaction = handle;
    // NODEFER: the mask is as before while the handler runs, so leaving it by a jump needs no system call to restore it.
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
  });
}

bool guardedCall(const uint8_t* mapped, size_t length, void (*use)(void*), void* context) {
  Guard guard;
  guard.begin = mapped;
  guard.end = mapped + length;
  if (sigsetjmp(guard.jump, 0) != 0) return false;
  current = &guard;
  use(context);
  current = nullptr;
  return true;
}

bool guardedCopy(uint8_t* out, const uint8_t* mapped, size_t length) {
  struct Copy {
    uint8_t* out;
    const uint8_t* in;
    size_t length;
  } copy = {out, mapped, length};
  return guardedCall(
      mapped, length,
      [](void* context) {
        const auto* job = static_cast<const Copy*>(context);
        std::memcpy(job->out, job->in, job->length);
      },
      &copy);
}

}  // namespace cyberbackup::files

#endif
