#ifdef __APPLE__

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "files/long_path.h"
#include "files/xattr_calls.h"

namespace cyberbackup::files {
namespace {

// Attribute calls take a descriptor; O_SYMLINK opens a link itself.
class Opened {
 public:
  explicit Opened(const XattrTarget& target)
      : own_(*target.name == '\0' ? -1 : ::openat(target.directory, target.name, O_RDONLY | O_SYMLINK | O_NONBLOCK | O_CLOEXEC)),
        number_(*target.name == '\0' ? target.directory : own_.get()) {}
  int get() const { return number_; }

 private:
  Descriptor own_;
  int number_;
};

}  // namespace

ssize_t listXattr(const XattrTarget& target, char* out, size_t size) {
  const Opened file(target);
  return file.get() < 0 ? -1 : ::flistxattr(file.get(), out, size, 0);
}

ssize_t getXattr(const XattrTarget& target, const char* name, char* out, size_t size) {
  const Opened file(target);
  return file.get() < 0 ? -1 : ::fgetxattr(file.get(), name, out, size, 0, 0);
}

int setXattr(const XattrTarget& target, const char* name, const char* value, size_t size) {
  const Opened file(target);
  return file.get() < 0 ? -1 : ::fsetxattr(file.get(), name, value, size, 0, 0);
}

int removeXattr(const XattrTarget& target, const char* name) {
  const Opened file(target);
  return file.get() < 0 ? -1 : ::fremovexattr(file.get(), name, 0);
}

}  // namespace cyberbackup::files

#endif
