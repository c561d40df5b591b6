#include "plugin/libvirt/seed_image.hpp"

#include "base/utf8.hpp"

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/limits.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace rb::plugin {

namespace {

struct FreeArchive {
    void operator()(archive* writer) const { archive_write_free(writer); }
};
using Writer = std::unique_ptr<archive, FreeArchive>;
using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

struct File {
    const char* name;
    std::string content;
};

la_ssize_t append(archive*, void* image, const void* bytes, std::size_t size) {
    static_cast<std::string*>(image)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

// YAML takes no control characters, escaped by JSON's writer or not: those that JSON leaves as they
// are (DEL, C1) would make the whole file unreadable.
bool has_control(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) return true;
        if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
            return true;
        }
    }
    return false;
}

Result<std::string> text_of(const Json& object, const std::string& name) {
    if (!object.is_object()) return invalid_field(name, "must be an object");
    try {
        auto text = object.dump();
        if (has_control(text)) return invalid_field(name, "must not hold control characters");
        return text;
    } catch (const Json::type_error&) {
        return invalid_field(name, "must be UTF-8");
    }
}

Result<std::vector<File>> files_of(const SeedFiles& seed) {
    std::vector<File> files;
    files.push_back({"meta-data", TRY(text_of(seed.meta_data, "meta_data"))});
    files.push_back({"user-data", "#cloud-config\n" + TRY(text_of(seed.user_data, "user_data"))});
    if (!seed.network_config.is_null()) {
        files.push_back({"network-config", TRY(text_of(seed.network_config, "network_config"))});
    }
    if (!seed.vendor_data.empty()) {
        if (!is_utf8(seed.vendor_data) || has_control(seed.vendor_data)) {
            return invalid_field("vendor_data", "must be UTF-8 without control characters");
        }
        files.push_back({"vendor-data", seed.vendor_data});
    }
    std::size_t bytes = 0;
    for (const auto& file : files) bytes += file.content.size();
    if (bytes > seed_files_bytes_max) {
        return Error{ErrorCode::too_large, "the files of a cloud-init seed exceed 1 MiB"};
    }
    return files;
}

Error failed(archive* writer) {
    const auto* why = archive_error_string(writer);
    return internal_error(std::string("seed image: ") + (why == nullptr ? "no reason" : why));
}

Result<> add(archive* writer, const File& file) {
    const Entry entry(archive_entry_new(), archive_entry_free);
    ASSERT(entry != nullptr);
    archive_entry_set_pathname(entry.get(), file.name);
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0444);
    archive_entry_set_mtime(entry.get(), 0, 0);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.content.size()));
    if (archive_write_header(writer, entry.get()) != ARCHIVE_OK ||
        archive_write_data(writer, file.content.data(), file.content.size()) !=
            static_cast<la_ssize_t>(file.content.size())) {
        return failed(writer);
    }
    return {};
}

}  // namespace

Result<std::string> make_seed_image(const SeedFiles& seed) {
    const auto files = TRY(files_of(seed));
    const Writer writer(archive_write_new());
    ASSERT(writer != nullptr);
    std::string image;
    if (archive_write_set_format_iso9660(writer.get()) != ARCHIVE_OK ||
        archive_write_set_options(writer.get(), "iso9660:volume-id=CIDATA") != ARCHIVE_OK ||
        archive_write_open(writer.get(), &image, nullptr, append, nullptr) != ARCHIVE_OK) {
        return failed(writer.get());
    }
    for (const auto& file : files) TRY(add(writer.get(), file));
    if (archive_write_close(writer.get()) != ARCHIVE_OK) return failed(writer.get());
    return image;
}

}  // namespace rb::plugin
