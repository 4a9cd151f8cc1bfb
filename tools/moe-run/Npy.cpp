// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Npy.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace mlir;
using namespace mlir::moe;

namespace {
constexpr StringLiteral kMagic("\x93NUMPY");

llvm::Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

/// The value of `key` in the Python dictionary of a header, up to the comma or
/// brace after it; a tuple with its parentheses. Empty if there is none.
StringRef findValue(StringRef header, StringRef key) {
  for (char quote : {'\'', '"'}) {
    std::string quoted = (Twine(quote) + key + Twine(quote)).str();
    size_t start = header.find(quoted);
    if (start == StringRef::npos)
      continue;
    StringRef rest = header.drop_front(start + quoted.size()).ltrim();
    if (!rest.consume_front(":"))
      return "";
    rest = rest.ltrim();
    if (rest.starts_with("("))
      return rest.take_front(rest.find(')') + 1);
    return rest.take_until([](char c) { return c == ',' || c == '}'; }).trim();
  }
  return "";
}

llvm::Expected<SmallVector<int64_t>> parseShape(StringRef text) {
  SmallVector<int64_t> shape;
  if (!text.consume_front("(") || !text.consume_back(")"))
    return fail("no shape in the header");
  SmallVector<StringRef> parts;
  text.split(parts, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  int64_t elements = 1;
  for (StringRef part : parts) {
    part = part.trim();
    if (part.empty())
      continue;
    int64_t size;
    if (part.getAsInteger(10, size) || size < 0 ||
        llvm::MulOverflow(elements, size, elements) ||
        elements > std::numeric_limits<int64_t>::max() / 16)
      return fail("bad shape in the header");
    shape.push_back(size);
  }
  return shape;
}

llvm::Expected<DType> parseDType(StringRef text, DType expected) {
  StringRef name = text;
  if (name.size() < 2 || (name.front() != '\'' && name.front() != '"'))
    return fail("unsupported dtype " + text);
  name = name.drop_front().drop_back();
  bool twoBytes = name == "<u2" || name == "|V2" || name == "<V2";
  if (twoBytes && expected == DType::bf16)
    return DType::bf16;
  auto dtype = llvm::StringSwitch<std::optional<DType>>(name)
                   .Case("<f2", DType::f16)
                   .Case("<f4", DType::f32)
                   .Case("<f8", DType::f64)
                   .Case("|b1", DType::i1)
                   .Case("|i1", DType::i8)
                   .Case("<i4", DType::i32)
                   .Case("<i8", DType::i64)
                   .Default(std::nullopt);
  if (!dtype)
    return fail("unsupported dtype '" + name + "'" +
                (twoBytes ? ", which counts as bf16 only where bf16 is wanted"
                          : "; know f16, f32, f64, bool, int8, int32, int64, "
                            "and uint16 for bf16"));
  return *dtype;
}

StringRef getNpyName(DType dtype) {
  switch (dtype) {
  case DType::f16:
    return "<f2";
  case DType::bf16:
    return "<u2";
  case DType::f32:
    return "<f4";
  case DType::f64:
    return "<f8";
  case DType::i1:
    return "|b1";
  case DType::i8:
    return "|i1";
  case DType::i32:
    return "<i4";
  case DType::i64:
    return "<i8";
  }
  llvm_unreachable("covered switch");
}
} // namespace

llvm::Expected<Array> moe::parseNpy(StringRef bytes, DType expected) {
  if (!bytes.consume_front(kMagic))
    return fail("not a .npy file");
  if (bytes.size() < 2)
    return fail("truncated");
  int major = static_cast<unsigned char>(bytes[0]);
  if (major != 1 && major != 2)
    return fail("version " + Twine(major) + " of the .npy format is unknown");
  bytes = bytes.drop_front(2);
  size_t lengthSize = major == 1 ? 2 : 4;
  if (bytes.size() < lengthSize)
    return fail("truncated");
  size_t length = major == 1 ? llvm::support::endian::read16le(bytes.data())
                             : llvm::support::endian::read32le(bytes.data());
  bytes = bytes.drop_front(lengthSize);
  if (bytes.size() < length)
    return fail("truncated");
  StringRef header = bytes.take_front(length);
  bytes = bytes.drop_front(length);

  StringRef order = findValue(header, "fortran_order");
  if (order == "True")
    return fail("is in Fortran order; save np.ascontiguousarray(a)");
  if (order != "False")
    return fail("no fortran_order in the header");
  llvm::Expected<DType> dtype =
      parseDType(findValue(header, "descr"), expected);
  if (!dtype)
    return dtype.takeError();
  auto shape = parseShape(findValue(header, "shape"));
  if (!shape)
    return shape.takeError();

  uint64_t size = getSize(*dtype);
  for (int64_t extent : *shape)
    size *= extent;
  if (bytes.size() < size)
    return fail("truncated: holds " + Twine(bytes.size()) + " bytes of data, " +
                Twine(size) + " expected");
  if (bytes.size() > size)
    return fail(Twine(bytes.size() - size) + " bytes too long");
  Array array(*dtype, *shape);
  std::memcpy(array.getData(), bytes.data(), size);
  return array;
}

llvm::Expected<Array> moe::readNpy(StringRef path, DType expected) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail(path + ": " + buffer.getError().message());
  llvm::Expected<Array> array = parseNpy((*buffer)->getBuffer(), expected);
  if (!array)
    return fail(path + ": " + llvm::toString(array.takeError()));
  return array;
}

std::string moe::formatNpy(const Array &array) {
  std::string header = "{'descr': '" + getNpyName(array.getDType()).str() +
                       "', 'fortran_order': False, 'shape': (";
  for (auto [index, size] : llvm::enumerate(array.getShape()))
    header += (index ? ", " : "") + std::to_string(size);
  header += array.getShape().size() == 1 ? ",), }" : "), }";
  // Data start at a multiple of 64, as NumPy writes them.
  size_t start = kMagic.size() + 4 + header.size() + 1;
  header.append((64 - start % 64) % 64, ' ');
  header += '\n';

  std::string bytes = kMagic.str();
  bytes += '\x01';
  bytes += '\x00';
  bytes += static_cast<char>(header.size() & 0xff);
  bytes += static_cast<char>(header.size() >> 8);
  bytes += header;
  bytes.append(array.getData(), array.getNumBytes());
  return bytes;
}

llvm::Error moe::writeNpy(StringRef path, const Array &array) {
  std::error_code error;
  llvm::raw_fd_ostream file(path, error);
  if (!error) {
    file << formatNpy(array);
    file.close();
    error = file.error();
    file.clear_error();
  }
  if (error)
    return fail(path + ": " + error.message());
  return llvm::Error::success();
}
