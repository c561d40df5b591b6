// What a command found, for a person as a table or for a program as JSON.

#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rb::cli {

enum class Format { text, json };

// Texts, numbers and booleans keep their kind in JSON.
using Cell = std::variant<std::string, std::int64_t, bool>;

// Columns named as in JSON ("created_at"); every row has a cell for each.
struct Table {
    std::vector<std::string> columns;
    std::vector<std::vector<Cell>> rows = {};
};

// A single object: names and values in order.
using Object = std::vector<std::pair<std::string, Cell>>;

// Several tables, each under its name.
using Sections = std::vector<std::pair<std::string, Table>>;

// Text: a header and aligned rows. JSON: an array of objects on one line.
void print(std::ostream& out, const Table& table, Format format);
// Text: "name: value" lines. JSON: one object on one line.
void print(std::ostream& out, const Object& object, Format format);

// Text: each table under "name:". JSON: one object of arrays.
void print(std::ostream& out, const Sections& sections, Format format);

}  // namespace rb::cli
