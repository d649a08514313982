{
  # Two libraries of one addon: `engine` (keys, chunker, compression, index, packs, backup threads) and `files`
  # (mapped sources, directory scans, restore, object files). Each registers its own exports.
  "targets": [
    {
      "target_name": "cyberbackup",
      "sources": ["src/addon.cc", "<!@(node sources.mjs src/engine src/files)"],
      "include_dirs": ["src", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=9", "NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED", "NODE_ADDON_API_DISABLE_DEPRECATED", "NAPI_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags_cc": ["-std=c++17", "-O3", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fexceptions", "-fvisibility=hidden"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "conditions": [
        ["OS=='linux'", { "libraries": ["-l:libcrypto.a", "-l:libzstd.a", "-Wl,--exclude-libs,ALL", "-lpthread", "-ldl"] }],
        ["OS=='mac'", {
          "include_dirs": ["<!(brew --prefix openssl@3)/include", "<!(brew --prefix zstd)/include"],
          "libraries": ["<!(brew --prefix openssl@3)/lib/libcrypto.a", "<!(brew --prefix zstd)/lib/libzstd.a"],
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
            "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "12.0"
          }
        }],
        ["OS=='win'", {
          "include_dirs": ["<(module_root_dir)/../.cache/vcpkg/installed/x64-windows-static/include"],
          "libraries": ["libcrypto.lib", "zstd.lib", "Crypt32.lib", "Ws2_32.lib"],
          "msvs_settings": { "VCCLCompilerTool": { "ExceptionHandling": 1, "AdditionalOptions": ["/std:c++17"] } }
        }]
      ]
    }
  ]
}
