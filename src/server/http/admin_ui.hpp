// The administrators' page under /admin/, from files linked into the program.
//
// A path that names a file answers it; any other below /admin/ answers index.html, so that a page
// of the application can be loaded by its own address; what looks like an asset (has an extension)
// and is not there answers 404, for index.html in place of a script only hides the mistake. /admin
// leads to /admin/. Answers carry an ETag and a content security policy that lets only our own
// scripts run.

#pragma once

#include "transport/http_routes.hpp"

#include "server/http/embedded_file.hpp"

#include <span>
#include <string>

namespace rb::server {

// `files` must live as long as the program. `version` is answered as /admin/version.json.
void add_admin_ui(transport::HttpRoutes& routes, std::span<const EmbeddedFile> files,
                  const std::string& version);

// By the file's extension, with the character set.
std::string_view content_type_of(std::string_view path);

}  // namespace rb::server
