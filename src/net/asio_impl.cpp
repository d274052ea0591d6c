// SPDX-License-Identifier: Apache-2.0
// Asio and Beast, compiled once for the whole house: their templates are what the build time goes to.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
