// Each rule of LibvirtOptions, kept at its bound and broken behind it.
#include "plugin/host/libvirt_options.hpp"

#include "rune/embed.hpp"

#include "plugin/limits.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace rb::plugin {
namespace {

using Read = std::function<Result<std::string>(const LibvirtOptions&)>;

// What the options make of one field "f": its text, or the field and the rule it breaks.
std::string outcome(const Json& value, const Read& read) {
    const Json options = {{"f", value}};
    const auto found = read(LibvirtOptions(options, "i"));
    if (found.has_value()) return "ok " + *found;
    EXPECT_EQ(found.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(found.error().message.starts_with(found.error().field + ": "))
        << found.error().message;
    return found.error().message;
}

std::string letters(std::size_t count) {
    return std::string(count, 'a');
}

const std::string name_rule =
    "f: must be letters, digits, '.', '_', '-', '+' and ':', at most 100, not '.' or '-' first";

TEST(LibvirtOptions, name_is_a_word_of_at_most_a_hundred_letters) {
    const Read name = [](const auto& options) { return options.name("f"); };
    const auto longest = letters(libvirt_name_bytes_max);
    EXPECT_EQ(outcome(longest, name), "ok " + longest);
    EXPECT_EQ(outcome(longest + "a", name), name_rule);
    for (const auto* good : {"a", "9", "_x", "pc-q35-7.2", "a+b:c"}) {
        EXPECT_EQ(outcome(good, name), std::string("ok ") + good);
    }
    for (const auto* bad : {"", ".a", "-a", "../x", "a/b", "a b", "a\nb", "ä", "a;b", "a'b"}) {
        EXPECT_EQ(outcome(bad, name), name_rule) << bad;
    }
    EXPECT_EQ(outcome(Json(), name), name_rule) << "absent";
    const Read optional = [](const auto& options) { return options.optional_name("f"); };
    EXPECT_EQ(outcome("", optional), "ok ");
    EXPECT_EQ(outcome(Json(), optional), "ok ");
    EXPECT_EQ(outcome("a/b", optional), name_rule);
}

TEST(LibvirtOptions, own_name_begins_with_our_mark) {
    const Read own = [](const auto& options) { return options.own_name("f"); };
    EXPECT_EQ(outcome("rb-1", own), "ok rb-1");
    EXPECT_EQ(outcome("debian-12.qcow2", own), "f: must begin with rb-");
    EXPECT_EQ(outcome("RB-1", own), "f: must begin with rb-");
    EXPECT_EQ(outcome("rb-" + letters(libvirt_name_bytes_max), own), name_rule);
    EXPECT_EQ(outcome("rb-/../x", own), name_rule);
}

TEST(LibvirtOptions, snapshot_name_is_no_path) {
    const Read snapshot = [](const auto& options) { return options.snapshot_name("f"); };
    const std::string rule = "f: must be at most 100 bytes, without '/' and not '.' first";
    const auto longest = letters(libvirt_name_bytes_max);
    EXPECT_EQ(outcome(longest, snapshot), "ok " + longest);
    EXPECT_EQ(outcome(longest + "a", snapshot), rule);
    EXPECT_EQ(outcome("升级 前", snapshot), "ok 升级 前");
    EXPECT_EQ(outcome("a/b", snapshot), rule);
    EXPECT_EQ(outcome(".a", snapshot), rule);
    EXPECT_EQ(outcome("", snapshot), "f: is missing");
    EXPECT_EQ(outcome("a\nb", snapshot), "f: must be UTF-8 without control characters");
}

TEST(LibvirtOptions, address_is_of_a_host) {
    const Read address = [](const auto& options) { return options.address("f"); };
    const std::string rule = "f: must be an address or the name of a host, at most 100 bytes";
    for (const auto* good : {"", "127.0.0.1", "::", "::1", "fe80::1", "kvm-1.example"}) {
        EXPECT_EQ(outcome(good, address), std::string("ok ") + good);
    }
    for (const auto* bad : {"-x", "a b", "/run/x", "[::1]", "a,b"}) {
        EXPECT_EQ(outcome(bad, address), rule) << bad;
    }
    const auto longest = letters(libvirt_name_bytes_max);
    EXPECT_EQ(outcome(longest, address), "ok " + longest);
    EXPECT_EQ(outcome(longest + "a", address), rule);
}

TEST(LibvirtOptions, text_is_what_xml_can_hold) {
    const Read text = [](const auto& options) { return options.text("f"); };
    const std::string rule = "f: must be UTF-8 without control characters";
    const auto longest = letters(libvirt_text_bytes_max);
    EXPECT_EQ(outcome(longest, text), "ok " + longest);
    EXPECT_EQ(outcome(longest + "a", text), "f: must be at most 4096 bytes");
    EXPECT_EQ(outcome("新 <&>\"'", text), "ok 新 <&>\"'");
    EXPECT_EQ(outcome(Json(), text), "ok ");
    for (const auto* bad :
         {"\n", "\t", "\x1f", "\x7f", "\xff", "\xed\xa0\x80", "\xef\xbf\xbe", "\xef\xbf\xbf"}) {
        EXPECT_EQ(outcome(bad, text), rule);
    }
    EXPECT_EQ(outcome(std::string("a\0b", 3), text), rule);
    EXPECT_EQ(outcome("\xef\xbf\xbd", text), "ok \xef\xbf\xbd") << "its neighbour is a character";
    const Read required = [](const auto& options) { return options.required_text("f"); };
    EXPECT_EQ(outcome("", required), "f: is missing");
    EXPECT_EQ(outcome(Json(), required), "f: is missing");
}

TEST(LibvirtOptions, vnc_password_is_as_long_as_vnc_compares) {
    const Read password = [](const auto& options) { return options.vnc_password("f"); };
    const auto longest = letters(vnc_password_bytes_max);
    EXPECT_EQ(outcome(longest, password), "ok " + longest);
    EXPECT_EQ(outcome(longest + "a", password),
              "f: must be at most 8 bytes, which is what VNC compares");
    EXPECT_EQ(outcome("", password), "f: is missing") << "none would let everybody in";
}

TEST(LibvirtOptions, utc_time_has_one_form) {
    const Read time = [](const auto& options) { return options.utc_time("f"); };
    const std::string rule = "f: must be a time of the form 2026-01-31T12:00:00";
    EXPECT_EQ(outcome("2026-11-26T23:59:59", time), "ok 2026-11-26T23:59:59");
    for (const auto* bad : {"2026-11-26T23:59:59Z", "2026-11-26", "2026-13-26T23:59:59",
                            "2026-11-26T25:59:59", "soon", "2026-11-26T23:59:5x"}) {
        EXPECT_EQ(outcome(bad, time), rule) << bad;
    }
    EXPECT_EQ(outcome("", time), "f: is missing");
}

TEST(LibvirtOptions, word_is_one_of_those_known) {
    const Read word = [](const auto& options) { return options.word("f", {"kvm", "qemu"}); };
    EXPECT_EQ(outcome("qemu", word), "ok qemu");
    EXPECT_EQ(outcome("xen", word), "f: must be one of kvm qemu");
    EXPECT_EQ(outcome(Json(), word), "f: must be one of kvm qemu");
    const Read optional = [](const auto& options) { return options.word("f", {"", "a"}); };
    EXPECT_EQ(outcome(Json(), optional), "ok ");
    EXPECT_EQ(outcome("b", optional), "f: must be one of a");
}

TEST(LibvirtOptions, integer_keeps_its_bounds) {
    const auto text_of = [](Result<std::int64_t> number) -> Result<std::string> {
        return std::to_string(TRY(std::move(number)));
    };
    const Read integer = [&](const auto& options) {
        return text_of(options.integer("f", 1, 9, 5));
    };
    const Read required = [&](const auto& options) {
        return text_of(options.required_integer("f", 1, 9));
    };
    for (const auto& read : {integer, required}) {
        EXPECT_EQ(outcome(1, read), "ok 1");
        EXPECT_EQ(outcome(9, read), "ok 9");
        EXPECT_EQ(outcome(0, read), "f: must be 1 to 9");
        EXPECT_EQ(outcome(10, read), "f: must be 1 to 9");
        EXPECT_EQ(outcome(std::numeric_limits<std::int64_t>::min(), read), "f: must be 1 to 9");
    }
    EXPECT_EQ(outcome(Json(), integer), "ok 5");
    EXPECT_EQ(outcome(Json(), required), "f: is missing");
}

TEST(LibvirtOptions, texts_are_named_and_few) {
    const Read texts = [](const auto& options) -> Result<std::string> {
        return std::to_string(TRY(options.texts("f")).size());
    };
    Json most = Json::object();
    for (std::size_t i = 0; i < libvirt_metadata_entries_max; ++i) {
        most["k" + std::to_string(i)] = "v";
    }
    EXPECT_EQ(outcome(most, texts), "ok 50");
    most["one"] = "more";
    EXPECT_EQ(outcome(most, texts), "f: must have at most 50 entries");
    EXPECT_EQ(outcome(Json(), texts), "ok 0");
    EXPECT_EQ(
        outcome({{"a b", "v"}}, texts),
        "f: its keys must be letters, digits, '.', '_', '-', '+' and ':', at most 100, not '.' "
        "or '-' first");
    EXPECT_EQ(outcome({{letters(libvirt_name_bytes_max), letters(libvirt_text_bytes_max)}}, texts),
              "ok 1");
    EXPECT_EQ(outcome({{"k", letters(libvirt_text_bytes_max + 1)}}, texts),
              "f.k: must be at most 4096 bytes");
    EXPECT_EQ(outcome({{"k", "a\nb"}}, texts), "f.k: must be UTF-8 without control characters");
}

// A wrong type is a mistake of the script's author, who reads which option it was.
TEST(LibvirtOptions, panic_over_a_value_of_another_type) {
    const auto panic = [](const Json& value, const auto& read) -> std::string {
        const Json options = {{"f", value}};
        try {
            read(LibvirtOptions(options, "i"));
        } catch (const rune::Raise& raised) {
            return raised.message;
        }
        return "taken";
    };
    EXPECT_EQ(panic(7, [](const auto& options) { (void)options.name("f"); }),
              "Panicked: option `f` must be a String");
    EXPECT_EQ(panic(7, [](const auto& options) { (void)options.text("f"); }),
              "Panicked: option `f` must be a String");
    EXPECT_EQ(panic(true, [](const auto& options) { (void)options.content("f"); }),
              "Panicked: option `f` must be a String");
    EXPECT_EQ(panic("7", [](const auto& options) { (void)options.integer("f", 1, 9, 5); }),
              "Panicked: option `f` must be an integer");
    EXPECT_EQ(panic(1.5, [](const auto& options) { (void)options.required_integer("f", 1, 9); }),
              "Panicked: option `f` must be an integer");
    EXPECT_EQ(panic("true", [](const auto& options) { (void)options.boolean("f"); }),
              "Panicked: option `f` must be a boolean");
    EXPECT_EQ(panic(Json::array(), [](const auto& options) { (void)options.object("f"); }),
              "Panicked: option `f` must be an object");
    EXPECT_EQ(panic({{"k", 1}}, [](const auto& options) { (void)options.texts("f"); }),
              "Panicked: option `f` must hold Strings");
}

}  // namespace
}  // namespace rb::plugin
