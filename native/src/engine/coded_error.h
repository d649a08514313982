// The error that crosses from C++ to JavaScript: a stable code (`E_…` of the contract, or an errno name) and a text.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace cyberbackup {

class CodedError : public std::runtime_error {
 public:
  CodedError(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}

  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

}  // namespace cyberbackup
