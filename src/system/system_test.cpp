#include "system/openssl_random.hpp"
#include "system/system_clock.hpp"
#include "system/uuid7_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace rb::system {
namespace {

class SetClock final : public core::Clock {
public:
    [[nodiscard]] core::Timestamp now() const override { return now_; }
    core::Timestamp now_{std::chrono::milliseconds(1'795'446'662'123)};
};

class CountingRandom final : public core::RandomSource {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = ++last_;
    }
    std::uint8_t last_ = 0;
};

std::uint64_t millis_of(const Uuid& id) {
    std::uint64_t millis = 0;
    for (std::size_t i = 0; i < 6; ++i) millis = millis << 8U | id.bytes[i];
    return millis;
}

TEST(Uuid7Source, gives_version_variant_and_time) {
    SetClock clock;
    CountingRandom random;
    Uuid7Source source(clock, random);
    const auto id = source.next();
    EXPECT_EQ(id.bytes[6] >> 4, 7);
    EXPECT_EQ(id.bytes[8] >> 6, 2);
    EXPECT_EQ(millis_of(id), 1'795'446'662'123U);
}

TEST(Uuid7Source, ascends_within_a_millisecond_and_when_the_clock_is_set_back) {
    SetClock clock;
    OpensslRandom random;
    Uuid7Source source(clock, random);
    auto last = source.next();
    for (int i = 0; i < 5000; ++i) {
        if (i == 2500) clock.now_ -= std::chrono::hours(1);
        const auto id = source.next();
        ASSERT_LT(last, id) << i;
        last = id;
    }
}

TEST(Uuid7Source, gives_each_thread_its_own) {
    SystemClock clock;
    OpensslRandom random;
    Uuid7Source source(clock, random);
    std::vector<std::vector<Uuid>> taken(4);
    {
        std::vector<std::jthread> threads;
        for (auto& ids : taken) {
            threads.emplace_back([&] {
                for (int i = 0; i < 2000; ++i) ids.push_back(source.next());
            });
        }
    }
    std::set<Uuid> all;
    for (const auto& ids : taken) all.insert(ids.begin(), ids.end());
    EXPECT_EQ(all.size(), 8000U);
}

TEST(Uuid7Source, uses_no_random_byte_twice) {
    SetClock clock;
    OpensslRandom random;
    Uuid7Source source(clock, random);
    std::set<std::vector<std::uint8_t>> tails;
    for (int i = 0; i < 1000; ++i) {
        const auto id = source.next();
        tails.emplace(id.bytes.begin() + 10, id.bytes.end());
    }
    EXPECT_EQ(tails.size(), 1000U);
}

TEST(OpensslRandom, fills_all_of_it_anew_each_time) {
    OpensslRandom random;
    std::array<std::uint8_t, 32> first{};
    std::array<std::uint8_t, 32> second{};
    random.fill(first);
    random.fill(second);
    EXPECT_NE(first, second);
    EXPECT_TRUE(std::ranges::any_of(first, [](auto byte) { return byte != 0; }));
    random.fill({});
}

}  // namespace
}  // namespace rb::system
