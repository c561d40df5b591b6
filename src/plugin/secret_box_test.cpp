#include "plugin/secret_box.hpp"

#include "plugin/kv/memory_kv_store.hpp"

#include "support/counting_random.hpp"

#include <gtest/gtest.h>

namespace rb::plugin {
namespace {

TEST(SecretBox, opens_what_it_sealed_and_nothing_that_was_moved) {
    test::CountingRandom random;
    const SecretBox box("a master secret of some length", random);
    const auto sealed = box.seal("incus-1", "key", "hunter2");
    EXPECT_TRUE(SecretBox::is_sealed(sealed));
    EXPECT_EQ(sealed.find("hunter2"), std::string::npos);
    EXPECT_NE(sealed, box.seal("incus-1", "key", "hunter2")) << "a nonce never repeats";
    EXPECT_EQ(*box.open("incus-1", "key", sealed), "hunter2");
    EXPECT_EQ(box.open("incus-2", "key", sealed).error().code, ErrorCode::failed_precondition);
    EXPECT_TRUE(box.open("incus-1", "other", sealed).has_error());
    EXPECT_TRUE(SecretBox("another master", random).open("incus-1", "key", sealed).has_error());
    EXPECT_TRUE(box.open("incus-1", "key", "hunter2").has_error());
    EXPECT_TRUE(box.open("incus-1", "key", "sealed:v1:AAAA").has_error());
}

TEST(MemoryKv, compare_and_set_lets_one_of_two_win) {
    MemoryKvStore kv;
    EXPECT_EQ(**kv.compare_and_set("i", "k", 0, "a"), 1);
    EXPECT_FALSE(kv.compare_and_set("i", "k", 0, "b")->has_value());
    EXPECT_EQ(**kv.compare_and_set("i", "k", 1, "c"), 2);
    EXPECT_EQ((*kv.get("i", "k"))->value, "c");
    EXPECT_FALSE(kv.get("other", "k")->has_value());
    EXPECT_TRUE(*kv.remove("i", "k"));
    EXPECT_FALSE(*kv.remove("i", "k"));
}

TEST(MemoryKv, lists_in_order_behind_a_key) {
    MemoryKvStore kv;
    for (const auto* key : {"s/3", "s/1", "t/1", "s/2"}) ASSERT_TRUE(kv.put("i", key, "v"));
    const auto page = *kv.list("i", "s/", "s/1", 10);
    ASSERT_EQ(page.size(), 2U);
    EXPECT_EQ(page[0].key, "s/2");
    EXPECT_EQ(page[1].key, "s/3");
    EXPECT_EQ(kv.list("i", "s/", "", 1)->size(), 1U);
}

TEST(MemoryKv, holds_the_limits_of_keys_and_values) {
    MemoryKvStore kv;
    EXPECT_TRUE(kv.put("i", std::string(core::plugin_kv_key_chars_max, 'k'), "").has_value());
    EXPECT_EQ(kv.put("i", std::string(core::plugin_kv_key_chars_max + 1, 'k'), "").error().field,
              "key");
    EXPECT_EQ(kv.put("i", "", "").error().field, "key");
    EXPECT_TRUE(kv.put("i", "k", std::string(core::plugin_kv_value_bytes_max, 'v')).has_value());
    EXPECT_EQ(kv.put("i", "k", std::string(core::plugin_kv_value_bytes_max + 1, 'v')).error().field,
              "value");
}

TEST(MemoryKv, keeps_so_many_keys_of_an_interface_and_no_more) {
    MemoryKvStore kv;
    for (std::int64_t i = 0; i < core::plugin_kv_keys_max; ++i) {
        ASSERT_TRUE(kv.put("i", "k" + std::to_string(i), "").has_value());
    }
    const auto refused = kv.put("i", "more", "").error();
    EXPECT_EQ(refused.code, ErrorCode::too_large);
    EXPECT_EQ(refused.message, "key: an interface keeps at most 200000 keys");
    EXPECT_EQ(kv.compare_and_set("i", "more", 0, "").error().code, ErrorCode::too_large);
    EXPECT_FALSE(kv.get("i", "more")->has_value());
    EXPECT_EQ(*kv.put("i", "k1", "v"), 2) << "what is there may change";
    EXPECT_TRUE(kv.put("another", "more", "").has_value());
    EXPECT_TRUE(*kv.remove("i", "k0"));
    EXPECT_TRUE(kv.put("i", "more", "").has_value());
    EXPECT_EQ(kv.put("i", "k0", "").error().code, ErrorCode::too_large);
}

TEST(MemoryKv, keeps_so_many_bytes_of_an_interface_and_no_more) {
    MemoryKvStore kv;
    constexpr std::int64_t key_bytes = 4;
    constexpr auto each = static_cast<std::int64_t>(core::plugin_kv_value_bytes_max) + key_bytes;
    constexpr auto whole = core::plugin_kv_bytes_max / each;
    const std::string value(core::plugin_kv_value_bytes_max, 'v');
    for (std::int64_t i = 0; i < whole; ++i) {
        ASSERT_TRUE(kv.put("i", std::to_string(1000 + i), value).has_value());
    }
    const auto rest =
        static_cast<std::size_t>(core::plugin_kv_bytes_max - whole * each - key_bytes);
    const auto refused = kv.put("i", "last", value.substr(0, rest + 1)).error();
    EXPECT_EQ(refused.code, ErrorCode::too_large);
    EXPECT_EQ(refused.message,
              "value: the keys and values of an interface have at most 134217728 bytes");
    EXPECT_EQ(*kv.put("i", "last", value.substr(0, rest)), 1);
    EXPECT_EQ(kv.compare_and_set("i", "last", 1, value.substr(0, rest + 1)).error().code,
              ErrorCode::too_large);
    EXPECT_EQ((*kv.get("i", "last"))->version, 1);
    EXPECT_EQ(*kv.put("i", "last", value.substr(0, rest)), 2) << "as much as before";
    EXPECT_EQ(*kv.put("i", "last", ""), 3) << "and less";
}

}  // namespace
}  // namespace rb::plugin
