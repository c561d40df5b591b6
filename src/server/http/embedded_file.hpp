// EmbeddedFile: a file that was linked into the program.

#pragma once

#include <span>
#include <string_view>

namespace rb::server {

struct EmbeddedFile {
    // Below the folder that was embedded: "index.html", "assets/app.js".
    std::string_view path;
    std::string_view content;
};

// The pages under web/admin-lite, sorted by path; defined by the build (cmake/EmbedFiles.cmake).
std::span<const EmbeddedFile> admin_files();

}  // namespace rb::server
