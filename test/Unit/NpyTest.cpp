// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "moe-run/Npy.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace mlir::moe;

namespace {
std::string getError(llvm::StringRef bytes, DType expected = DType::f32) {
  llvm::Expected<Array> array = parseNpy(bytes, expected);
  return array ? "" : llvm::toString(array.takeError());
}

/// A version 1 file with a header as it stands here.
std::string file(llvm::StringRef header, llvm::StringRef data = "") {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size());
  bytes += '\0';
  return bytes + header.str() + data.str();
}

TEST(NpyTest, RoundTripsEveryType) {
  for (DType dtype : {DType::f16, DType::bf16, DType::f32, DType::f64,
                      DType::i1, DType::i8, DType::i32, DType::i64}) {
    Array array(dtype, {2, 3});
    for (int64_t i = 0; i < 6; ++i) {
      if (isFloat(dtype))
        array.setFloat(i, 0.5 * double(i) - 1);
      else
        array.setInteger(i, i % 2);
    }
    std::string bytes = formatNpy(array);
    llvm::Expected<Array> read = parseNpy(bytes, dtype);
    ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
    EXPECT_EQ(read->describe(), array.describe());
    EXPECT_EQ(formatNpy(*read), bytes);
    // Data start where NumPy puts them.
    EXPECT_EQ((bytes.size() - array.getNumBytes()) % 64, 0u);
  }
}

TEST(NpyTest, ReadsShapesOfEveryRank) {
  for (auto shape :
       {llvm::SmallVector<int64_t>{}, {5}, {0}, {3, 0, 2}, {1, 2, 3, 4, 5}}) {
    llvm::Expected<Array> read =
        parseNpy(formatNpy(Array(DType::i8, shape)), DType::i8);
    ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
    EXPECT_EQ(read->getShape(), llvm::ArrayRef(shape));
  }
}

TEST(NpyTest, TwoByteDataAreBFloatOnlyWhereWanted) {
  std::string bytes = formatNpy(Array(DType::bf16, {2}));
  llvm::Expected<Array> read = parseNpy(bytes, DType::bf16);
  ASSERT_TRUE(bool(read));
  EXPECT_EQ(read->getDType(), DType::bf16);
  EXPECT_NE(getError(bytes, DType::f16).find("unsupported dtype '<u2'"),
            std::string::npos);
  // f16 stays f16, for the caller to refuse.
  read = parseNpy(formatNpy(Array(DType::f16, {2})), DType::bf16);
  ASSERT_TRUE(bool(read));
  EXPECT_EQ(read->getDType(), DType::f16);
}

TEST(NpyTest, RefusesBrokenFiles) {
  EXPECT_EQ(getError(""), "not a .npy file");
  EXPECT_EQ(getError("\x93NUMP"), "not a .npy file");
  EXPECT_EQ(getError("\x93NUMPY"), "truncated");
  EXPECT_EQ(getError(llvm::StringRef("\x93NUMPY\x03\x00", 8)),
            "version 3 of the .npy format is unknown");
  EXPECT_EQ(getError(llvm::StringRef("\x93NUMPY\x01\x00\xff\x00", 10)),
            "truncated");
  EXPECT_EQ(getError(file("{'descr': '<f4', 'shape': (1,)}")),
            "no fortran_order in the header");
  EXPECT_EQ(getError(file("{'descr': '<f4', 'fortran_order': True, 'shape': "
                          "(1,)}")),
            "is in Fortran order; save np.ascontiguousarray(a)");
  EXPECT_EQ(getError(file("{'descr': '<f4', 'fortran_order': False}")),
            "no shape in the header");
  for (const char *shape : {"(-1,)", "(x,)", "(4611686018427387904, 4)"})
    EXPECT_EQ(getError(file("{'descr': '<f4', 'fortran_order': False, "
                            "'shape': " +
                            std::string(shape) + "}")),
              "bad shape in the header");
  EXPECT_EQ(getError(file("{'descr': '<f4', 'fortran_order': False, 'shape': "
                          "(2,)}",
                          "1234")),
            "truncated: holds 4 bytes of data, 8 expected");
  EXPECT_EQ(getError(file("{'descr': [('a', '<f4')], 'fortran_order': False, "
                          "'shape': (2,)}"))
                .find("unsupported dtype"),
            0u);
  EXPECT_EQ(getError(file("{'descr': '>f4', 'fortran_order': False, 'shape': "
                          "(2,)}"))
                .find("unsupported dtype '>f4'"),
            0u);
}

TEST(NpyTest, ConvertsNarrowFloats) {
  // To nearest, ties to even; subnormal, infinite, not a number.
  EXPECT_EQ(encodeHalf(1.0f), 0x3c00);
  EXPECT_EQ(encodeHalf(1.0f + 0x1p-11f), 0x3c00);
  EXPECT_EQ(encodeHalf(1.0f + 0x1.8p-10f), 0x3c02);
  EXPECT_EQ(encodeHalf(65520.0f), 0x7c00);
  EXPECT_EQ(encodeHalf(0x1p-24f), 0x0001);
  EXPECT_EQ(decodeHalf(0x0001), 0x1p-24f);
  EXPECT_EQ(decodeHalf(0xfc00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(decodeHalf(0x7e00)));
  EXPECT_EQ(encodeBFloat(1.0f + 0x1p-8f), 0x3f80);
  EXPECT_EQ(encodeBFloat(1.0f + 0x1.8p-7f), 0x3f82);
  EXPECT_TRUE(std::isnan(decodeBFloat(encodeBFloat(NAN))));
  for (uint32_t bits = 0; bits < 0x10000; ++bits)
    if (!std::isnan(decodeHalf(bits)))
      ASSERT_EQ(encodeHalf(decodeHalf(bits)), bits);
}
} // namespace
