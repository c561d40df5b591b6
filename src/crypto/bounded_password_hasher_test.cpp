#include "crypto/bounded_password_hasher.hpp"

#include "system/openssl_random.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <ctime>
#include <latch>
#include <thread>
#include <vector>

namespace rb::crypto {
namespace {

// A source that can be told to hold whoever asks it: so a test decides when a hash goes on.
class HeldRandom final : public core::RandomSource {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        std::unique_lock lock(mutex_);
        ++asked_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return !held_; });
        lock.unlock();
        real_.fill(bytes);
    }
    void hold() {
        const std::lock_guard lock(mutex_);
        held_ = true;
        asked_ = 0;
    }
    void let_go() {
        const std::lock_guard lock(mutex_);
        held_ = false;
        changed_.notify_all();
    }
    void wait_until_asked(int times) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return asked_ >= times; });
    }

private:
    system::OpensslRandom real_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool held_ = false;
    int asked_ = 0;
};

TEST(PasswordHasher, hashes_and_verifies) {
    system::OpensslRandom random;
    BoundedPasswordHasher hasher(random, {.cost = bcrypt_cost_min});
    const auto hash = hasher.hash("correct horse");
    ASSERT_TRUE(hash.has_value());
    EXPECT_TRUE(*hasher.verify("correct horse", *hash));
    EXPECT_FALSE(*hasher.verify("wrong horse", *hash));
}

TEST(PasswordHasher, finds_no_password_to_be_nobodys) {
    system::OpensslRandom random;
    BoundedPasswordHasher hasher(random, {.cost = bcrypt_cost_min});
    EXPECT_FALSE(*hasher.verify("anything", ""));
    EXPECT_FALSE(*hasher.verify("nobody", ""));
    EXPECT_FALSE(*hasher.verify(std::string(73, 'a'), *hasher.hash(std::string(72, 'a'))));
}

// The flood: two run, three wait, everybody else hears at once that it is too much, and the five
// are served when their turn comes.
// Of this thread, so that a busy machine does not count.
std::int64_t processor_nanos() {
    timespec spent{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return spent.tv_sec * 1'000'000'000 + spent.tv_nsec;
}

TEST(PasswordHasher, works_as_hard_for_nobody_as_for_a_user) {
    system::OpensslRandom random;
    BoundedPasswordHasher hasher(random, {.cost = 8});
    const auto hash = hasher.hash("correct horse");
    const auto begun = processor_nanos();
    EXPECT_FALSE(*hasher.verify("wrong horse", *hash));
    const auto for_user = processor_nanos();
    EXPECT_FALSE(*hasher.verify("wrong horse", ""));
    const auto for_nobody = processor_nanos();
    EXPECT_GT((for_nobody - for_user) * 2, for_user - begun);
}

TEST(PasswordHasher, refuses_at_once_who_finds_the_line_full) {
    HeldRandom random;
    BoundedPasswordHasher hasher(random,
                                 {.cost = bcrypt_cost_min, .running_max = 2, .waiting_max = 3});
    random.hold();
    std::atomic<int> served{0};
    std::vector<std::jthread> callers;
    for (int i = 0; i < 5; ++i) {
        callers.emplace_back([&] { served += hasher.hash("password").has_value() ? 1 : 0; });
    }
    random.wait_until_asked(2);
    while (hasher.load().waiting < 3) std::this_thread::yield();
    EXPECT_EQ(hasher.load().running, 2);

    const auto refused = hasher.hash("password");
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, ErrorCode::too_many_requests);
    EXPECT_EQ(served, 0);

    random.let_go();
    callers.clear();
    EXPECT_EQ(served, 5);
    EXPECT_EQ(hasher.load().running, 0);
    EXPECT_TRUE(hasher.hash("password").has_value());
}

}  // namespace
}  // namespace rb::crypto
