// Keys and tokens made once by Node's crypto for these tests: {"sub":<algorithm>}, signed.
#pragma once

#include <string_view>

namespace relay::test {

inline constexpr std::string_view kRsaKey =
    "{\"kid\":\"r\",\"use\":\"sig\",\"kty\":\"RSA\",\"n\":\"0bYBW4VQM6Rxi_"
    "RplOjCTaMsqnyp5mwjHKDMhDSpeqi377hMDsFqVH2"
    "UkmFrz-c5NKH12g2nzhrz9dS45aqMwV_qIUI8a-HWb-ywuogr-cv6zYDIp2qT_D_TBw7VLpwlXlmmmp5pDstz_cw0OQvwTy"
    "IWbv2EnPX0cgwRNFpb4C1IX8O48KDxVQPb8yBhmaMSL_sotsxun7oWMMs3GveQMpBjivEtHQA9c6Tvmc1-_8mlnXvSh6nFP"
    "YC18lOdCSr6Agysiyf3bp0MMW1oRzMHXeHZ14MASetwlm7sWL-6MpngtZy6wvTB04GdbRkt3HCoRrwwmZdB7A2qnPSSrdbQ"
    "5w\",\"e\":\"AQAB\"}";

inline constexpr std::string_view kEcKey =
    "{\"kid\":\"e\",\"use\":\"sig\",\"kty\":\"EC\",\"x\":\"0_4p2cKyIZnsI0LB1UxIDOWXSUgdVUo5WtUs-TeGKc8\","
    "\"y\":\"Z7IYe6"
    "wM-8R5bWdROO34aYSXgN4AgWYp091mnPLe6Bs\",\"crv\":\"P-256\"}";

inline constexpr std::string_view kSmallRsaKey =
    "{\"kid\":\"s\",\"use\":\"sig\",\"kty\":\"RSA\",\"n\":"
    "\"zVPx0RoPgsCwQEjIQMymf3kZVIcOVWQcQWAcWGkrc4JL68PFVShgaK8"
    "tM8mX3a5v35PyszRUrRKBT5zubyVv0ZEwPJAbnCgPOSZEk3-ENx3KaZgLJB3WzOw6q7g4Zhp6h191AhJHbXKoXJS-4LaFhu"
    "TRK0AoS2mIEyNGsZNgnG0\",\"e\":\"AQAB\"}";

inline constexpr std::string_view kRs256 =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJzdWIiOiJSUzI1NiJ9.0Y4N296n_bWFVwRcH3leLqBVCbvg99EwN-5ZeWY"
    "NLXyT9xx1s4KoFAbJADn2Q8VIwjbG_d6IoXtogF4CCmcYzOSGjGH6vcwCqLE23nUzJie2XmYdeKQRKJe1xXZEZS2pXMHiSI"
    "BVmTbmoFF-xqd5c02gd3oa-vUKxXuD9ygvCKazwD8bGQ-PJmuAFb5xemPOj5SVOTuuz1Z75pWSyq7Wa8CbruzEg3LlO29sQ"
    "2-88OGhvV24kAgsYGukmFSxKcttJy1pzizbG1MZzdkexlV_4HtwxD9rl2lQEYfwvefyKRvivrdjVVPrA03hTe3hFXSkpv0I"
    "vxoE0jS_8N_lG3r3pQ";

inline constexpr std::string_view kPs256 =
    "eyJhbGciOiJQUzI1NiIsImtpZCI6InIifQ.eyJzdWIiOiJQUzI1NiJ9.xUdJ4m0i41zI3pWl3O1U3DRoxRKLBIVz8MQZ-6L"
    "EG0T1hRQzmb24yMZTvbGZeh3OttbFRTDW78Ziya8XK-FmOOItUmPBBQ7b5IHTpYhaOroy1oLLqSc2uDednQ189BQ-P88L-g"
    "yUmJA0tNewJ1LIdJvCnyK8VfHr8vmDBkdQdZTjbfsEstQsk_CEC3-H26MQFhGdva4NJ8mvoFfzCUkwhbKwcm5J0aapj3HmR"
    "SemoylAj2NJAky7EOWs55lVXCrlVTxrXrHlVKTs50xA9C8WNrh6ruMjyIru6RRMDZppCVm-PoqtZMPDnlGcci6X1ba-i_-2"
    "lmhCtwaF28IUZjGtBw";

inline constexpr std::string_view kEs256 =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUifQ.eyJzdWIiOiJFUzI1NiJ9.JGICUC7-G2oYIpGNGFyukE9ubFwWKQGaL8sO0Tb"
    "iSCftNibH8Trkv7D7vFJMQpkrMeF1q2EayCP60gIXh7zlwQ";

inline constexpr std::string_view kSmallRs256 =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InMifQ.eyJzdWIiOiJSUzI1NiJ9.FsapKrppwDsdiJa8zTjpkys38jRJwfAjsryvVl_"
    "YWek06l8sEQ9XD3Q-s2Qi8mkVWimNn4bWcPkHc8e4XeAAOL0xMPqKqhQYl4gLhlmR-ZNXktT7pq4q7OVge-ueQRQMMAz-Ib"
    "vO9lZSEIk1icnZGOn9NyevX7cNzqSDUuw80dQ";

}  // namespace relay::test
