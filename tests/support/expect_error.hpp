// That a call was refused as it should be.

#pragma once

#include "base/error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rb::test {

void expect_error(const auto& result, ErrorCode code, const std::string& field = "") {
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_EQ(result.error().field, field) << result.error().message;
}

}  // namespace rb::test
